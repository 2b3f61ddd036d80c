import { createRandom } from '@assay/contract';
import { beforeAll, test } from 'vitest';
import { Conversions } from './conversions.ts';
import { hadamardTransform } from './hadamard.ts';

const count = 1_000_000;
const random = createRandom('bench');
const values = Float32Array.from({ length: count }, () => random.normal());
let conversions: Conversions;
beforeAll(async () => {
	conversions = await Conversions.create();
});

test(`${count} values: float32 to 8-bit floats`, async ({ bench }) => {
	const codes = new Uint8Array(count);
	const words = new Int32Array(values.buffer);
	const e4m3 = bench('E4M3 in SIMD', () => conversions.float32ToE4m3(values, codes));
	const e5m2 = bench('E5M2 in SIMD', () => conversions.float32ToE5m2(values, codes));
	const back = new Float32Array(count);
	const widened = bench('E4M3 to float32 in SIMD', () => conversions.e4m3ToFloat32(codes, back));
	const rival = bench('rival: E4M3 by shifts in a TypeScript loop, subnormals and not-a-number not looked after', () => {
		for (let i = 0; i < count; i++) {
			const word = words[i] as number;
			const magnitude = Math.min(word & 0x7fffffff, 0x43e00000);
			const rounded = magnitude + ((magnitude >> 20) & 1) + 0x7ffff - (120 << 23);
			codes[i] = (rounded >> 20) | ((word >>> 31) << 7);
		}
	});
	await bench.compare(e4m3, e5m2, widened, rival);
});

test(`${count} values: float32 to 16-bit floats`, async ({ bench }) => {
	const codes = new Uint16Array(count);
	const native = new Float16Array(count);
	const words = new Uint32Array(values.buffer);
	const fp16 = bench('float16 in SIMD', () => conversions.float32ToFloat16(values, codes));
	const bf16 = bench('bfloat16 in SIMD', () => conversions.float32ToBfloat16(values, codes));
	const rival = bench("rival: the engine's Float16Array.set", () => native.set(values));
	const loop = bench('rival: bfloat16 by shifts in a TypeScript loop, not-a-number not looked after', () => {
		for (let i = 0; i < count; i++) {
			const word = words[i] as number;
			codes[i] = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
		}
	});
	await bench.compare(fp16, bf16, rival, loop);
});

test(`${count} values: float32 to int8`, async ({ bench }) => {
	const codes = new Int8Array(count);
	const quantizer = { scale: Math.fround(0.03), zeroPoint: 0, lowest: -127, highest: 127 };
	const ours = bench('int8 in SIMD', () => conversions.float32ToInt8(values, codes, quantizer));
	const rival = bench('rival: Math.round and clamp in a TypeScript loop, ties not to even', () => {
		for (let i = 0; i < count; i++) codes[i] = Math.min(127, Math.max(-127, Math.round((values[i] as number) / quantizer.scale)));
	});
	await bench.compare(ours, rival);
});

test(`${count} values: float32 to blocks of 32`, async ({ bench }) => {
	const [packed, mantissas] = [new Uint8Array(count / 2), new Int8Array(count)];
	const scales = new Uint8Array(count / 32);
	const shape = { mantissaBits: 4, blockSize: 32 };
	const mxfp4 = bench('MXFP4 in SIMD, packed', () => conversions.float32ToMxfp4(values, packed, scales));
	const bfp = bench('BFP12_32 in SIMD', () => conversions.float32ToBlockMantissas(values, mantissas, scales, shape));
	const rival = bench('rival: BFP12_32 in a TypeScript loop, ties not to even', () => {
		for (let start = 0; start < count; start += 32) {
			let largest = 0;
			for (let i = start; i < start + 32; i++) largest = Math.max(largest, Math.abs(values[i] as number));
			const exponent = Math.floor(Math.log2(largest));
			scales[start / 32] = exponent + 127;
			const factor = 2 ** (2 - exponent);
			for (let i = start; i < start + 32; i++)
				mantissas[i] = Math.min(7, Math.max(-7, Math.round((values[i] as number) * factor)));
		}
	});
	await bench.compare(mxfp4, bfp, rival);
});

test(`${count} values: rotation in groups of 32`, async ({ bench }) => {
	const row = values.slice(0, 999_968);
	const ours = bench('butterflies', () => hadamardTransform(row, 32));
	const entries = Float32Array.from({ length: 1024 }, (_, index) => {
		const parity = ((index >> 5) & index & 31).toString(2).replaceAll('0', '').length % 2;
		return (parity === 0 ? 1 : -1) / Math.sqrt(32);
	});
	const out = new Float32Array(row.length);
	const rival = bench('rival: the product with the matrix', () => {
		for (let start = 0; start < row.length; start += 32) {
			for (let i = 0; i < 32; i++) {
				let sum = 0;
				for (let j = 0; j < 32; j++) sum += (entries[32 * i + j] as number) * (row[start + j] as number);
				out[start + i] = sum;
			}
		}
	});
	await bench.compare(ours, rival);
});
