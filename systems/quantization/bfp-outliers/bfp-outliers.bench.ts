/** The promises: keys are stored by kernels, weights are rewritten as fast as they are copied. */
import { createRandom } from '@assay/contract';
import { blockFloatingPoint, Conversions } from '@assay/numerics';
import { test } from 'vitest';
import { blockCodec } from './bfp/key-codec.ts';
import { permuteTable, type Rotary, rotaryTable, rotateRows } from './ksort/rotary.ts';
import { llamaTensors, normals, safetensorsFile } from './test-data.ts';
import { rewriteSafetensors } from './weights/rewrite.ts';

const headDim = 128;
const rotary: Rotary = { width: headDim, convention: 'halves', base: 10_000 };

test('4096 keys of 128 channels in BFP12_32', async ({ bench }) => {
	const codec = blockCodec({ mantissaBits: 4, blockSize: 32 }, await Conversions.create());
	const format = blockFloatingPoint({ mantissaBits: 4, blockSize: 32 });
	const keys = normals(createRandom(1), 4096 * headDim);
	const out = new Float32Array(keys.length);
	const ours = bench('kernels', () => codec.quantize(keys, out));
	const rival = bench('rival: the definition, value by value', () => format.quantize(keys, out));
	await bench.compare(ours, rival);
});

test('turning 4096 keys: sorted tables against the usual ones', async ({ bench }) => {
	const rows = normals(createRandom(3), 4096 * headDim);
	const out = new Float32Array(rows.length);
	const usual = rotaryTable(headDim, rotary);
	const sorted = permuteTable(usual, createRandom(4).shuffle(Int32Array.from({ length: headDim }, (_, i) => i)));
	const ours = bench('permuted tables', () => rotateRows(rows, sorted, out));
	const rival = bench('rival: the usual tables', () => rotateRows(rows, usual, out));
	await bench.compare(ours, rival);
});

test('rewriting 25 MB of weights', async ({ bench }) => {
	const size = { heads: 16, kvHeads: 16, headDim, hidden: 1024 };
	const file = safetensorsFile(llamaTensors(createRandom(5), size));
	const order = createRandom(6).shuffle(Int32Array.from({ length: headDim }, (_, i) => i));
	const moves = Array.from({ length: 16 }, (_, head) => ({ firstRow: head * headDim, order }));
	const plan = new Map(['q_proj', 'k_proj'].map((kind) => [`model.layers.0.self_attn.${kind}.weight`, moves]));
	const target = new Uint8Array(file.bytes);
	const ours = bench('rows moved', async () => {
		let at = 0;
		for await (const piece of rewriteSafetensors(file, plan)) {
			target.set(piece, at);
			at += piece.length;
		}
	});
	const rival = bench('rival: copied as it is', async () => {
		for await (const piece of file.stream()) target.set(piece);
	});
	await bench.compare(ours, rival);
});
