/**
 * The promise: a float32 matrix of 4096 x 4096 in MXFP4, rotation included, in less than 1.5 s on one core. The rivals are the reference in plain
 * TypeScript on a 64th of it, and OCP's conversion without rotation and with another rule for the scale.
 */
import { createRandom } from '@assay/contract';
import { Conversions } from '@assay/numerics';
import { test } from 'vitest';
import { GroupQuantizer } from './quantizers/group-quantizer.ts';
import { quantizer } from './quantizers/quantizer.ts';
import { quantizeReference } from './quantizers/reference.ts';

const COUNT = 4096 * 4096;
const PART = COUNT / 64;
const rotation = { kind: 'hadamard' } as const;

test('a matrix of 4096 x 4096', async ({ bench }) => {
	const random = createRandom(1);
	const few = Float32Array.from({ length: PART }, () => random.normal());
	const values = new Float32Array(COUNT);
	for (let at = 0; at < COUNT; at += PART) values.set(few, at);
	const groups = await GroupQuantizer.create();
	const conversions = await Conversions.create();
	const [codes, scales] = [new Uint8Array(COUNT / 2), new Uint8Array(COUNT / 32)];
	const quick = { time: 0, iterations: 3, warmupTime: 0, warmupIterations: 1 };
	for (const name of ['quest', 'sr-absmax'] as const) {
		let least = Number.POSITIVE_INFINITY;
		for (let repeat = 0; repeat < 3; repeat++) {
			const began = performance.now();
			groups.quantize(values, quantizer(name), { rotation }, { codes, scales });
			least = Math.min(least, performance.now() - began);
		}
		console.info(`${name}, all of the matrix with rotation: ${(least / 1e3).toFixed(3)} s`);
	}
	const memory = process.memoryUsage();
	console.info(
		`buffers held: ${((memory.arrayBuffers - few.byteLength) / values.byteLength).toFixed(2)} times the matrix, itself included`,
	);
	const part = { codes: codes.subarray(0, PART / 2), scales: scales.subarray(0, PART / 32) };
	const ours = bench('QuEST with rotation, a 64th', () => {
		groups.quantize(few, quantizer('quest'), { rotation }, part);
	});
	const plain = bench('rival: the same in TypeScript', () => {
		quantizeReference(few, quantizer('quest'), { rotation });
	});
	const standard = bench('rival: OCP’s MXFP4 without rotation, WebAssembly', () => {
		conversions.float32ToMxfp4(few, part.codes, part.scales);
	});
	await bench.compare(ours, plain, standard, quick);
});
