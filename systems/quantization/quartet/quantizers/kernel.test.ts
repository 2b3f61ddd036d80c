import { createRandom } from '@assay/contract';
import { packBits } from '@assay/numerics';
import { beforeAll, describe, expect, test } from 'vitest';
import { GroupQuantizer, quantizeMatrix, ROTATION_BYTES } from './group-quantizer.ts';
import { compileQuantizers, instantiateQuantizers, SCRATCH_BYTES } from './kernel.ts';
import { type Quantizer, quantizer, quantizerNames } from './quantizer.ts';
import { quantizeReference } from './reference.ts';
import { type Rotation, randomRotation, rotationKinds } from './rotation.ts';

let ours: GroupQuantizer;
beforeAll(async () => {
	ours = await GroupQuantizer.create();
});

/** Normal deviates of spreads from 2^-20 to 2^20, a few groups of zeros, a few outliers. */
function values(count: number, seed: number): Float32Array<ArrayBuffer> {
	const random = createRandom(seed);
	const out = new Float32Array(count);
	for (let start = 0; start < count; start += 32) {
		const spread = random.uniform() < 0.05 ? 0 : 2 ** (40 * random.uniform() - 20);
		for (let i = start; i < start + 32; i++) out[i] = spread * random.normal() * (random.uniform() < 0.01 ? 50 : 1);
	}
	return out;
}

const all: readonly Quantizer[] = [
	...quantizerNames.map((name) => quantizer(name)),
	quantizer('quest', 'round'),
	quantizer('quest', 'ceil'),
];

describe('kernels give the reference’s bits', () => {
	for (const one of all) {
		const scale = one.scale.from === 'deviation' ? ` ${one.scale.rounding}` : '';
		// Orthogonal matrices are 32 x 32.
		const kinds = rotationKinds.filter((kind) => kind !== 'orthogonal' || one.rotated === 32);
		test.for(kinds)(`${one.name}${scale}, rotation %s`, (kind) => {
			const x = values(33 * 1024 + 128, 5);
			const rotation = randomRotation(kind, one.rotated, 9);
			const expected = quantizeReference(x, one, { rotation, seed: 2 ** 40 + 7 });
			const [out, kept] = [new Float32Array(x.length), new Float32Array(x.length)];
			const [codes, scales] = [new Uint8Array(x.length / 2), new Uint8Array(x.length / 32)];
			ours.quantize(x, one, { rotation, seed: 2 ** 40 + 7 }, { values: out, kept, codes, scales });
			expect(out).toEqual(expected.values);
			expect(kept).toEqual(expected.kept);
			expect(scales).toEqual(expected.scales);
			expect(codes).toEqual(packBits(expected.codes, 4));
		});
	}
});

test('groups down the columns are groups along the rows of the transpose', async () => {
	const memory = new WebAssembly.Memory({ initial: 10, maximum: 10 });
	const placed = {
		kernels: instantiateQuantizers(await compileQuantizers(), memory),
		scratch: 64,
		rotation: 64 + SCRATCH_BYTES,
	};
	const source = 64 + SCRATCH_BYTES + ROTATION_BYTES;
	const [rows, columns] = [96, 36];
	const x = values(rows * columns, 8);
	const transposed = x.map((_, i) => x[(i % rows) * columns + Math.floor(i / rows)] as number);
	const target = source + 4 * x.length;
	const rotation: Rotation = randomRotation('signs', 32, 3);
	for (const name of ['sr-absmax', 'quest', 'eden'] as const) {
		new Float32Array(memory.buffer, source, x.length).set(x);
		const one = quantizer(name);
		quantizeMatrix(placed, source, { rows, columns }, 'column', one, { rotation, seed: 4 }, memory, { target });
		const expected = quantizeReference(transposed, one, { rotation, seed: 4 }).values;
		const out = new Float32Array(memory.buffer, target, x.length);
		expect(out).toEqual(x.map((_, i) => expected[(i % columns) * rows + Math.floor(i / columns)] as number));
	}
});

test('lengths that are no whole groups are refused', () => {
	const options = { rotation: { kind: 'none' } } as const;
	expect(() => ours.quantize(new Float32Array(33), quantizer('quest'), options, {})).toThrow('33 values are no whole number');
});
