/** The quantisers in plain TypeScript: what the kernels must give, bit for bit. */
import { hadamardTransform, Philox, smallFloat } from '@assay/numerics';
import { GROUP, type Quantizer, questStep } from './quantizer.ts';
import type { Rotation } from './rotation.ts';

export interface QuantizedGroups {
	/** What each value is stored as, in rotated space. */
	readonly values: Float32Array<ArrayBuffer>;
	/** E2M1 codes, one a byte. */
	readonly codes: Uint8Array<ArrayBuffer>;
	/** E8M0 codes, one for each 32 values. */
	readonly scales: Uint8Array<ArrayBuffer>;
	/** 1 where the value, divided by its scale, lies within the grid: magnitude below 6. */
	readonly kept: Float32Array<ArrayBuffer>;
}

export interface QuantizeOptions {
	readonly rotation: Rotation;
	/** Of the draws of stochastic rounding: the one of value i is number i of the seed's stream. */
	readonly seed?: number;
}

const element = smallFloat('e2m1');
const SCALE_BIAS = 127;
/** Exponent of the largest element, 6. */
const TOP_EXPONENT = 2;

/** Quantises a row of whole groups; its length is a multiple of the quantiser's `rotated`. */
export function quantizeReference(values: Float32Array, quantizer: Quantizer, options: QuantizeOptions): QuantizedGroups {
	const x = rotate(values, quantizer.rotated, options.rotation);
	const out: QuantizedGroups = {
		values: new Float32Array(x.length),
		codes: new Uint8Array(x.length),
		scales: new Uint8Array(x.length / GROUP),
		kept: new Float32Array(x.length),
	};
	const philox = new Philox(options.seed ?? 0);
	for (let start = 0; start < x.length; start += GROUP) {
		const exponent = exponentOfGroup(x.subarray(start, start + GROUP), quantizer);
		out.scales[start / GROUP] = exponent + SCALE_BIAS;
		const inverse = Math.fround(quantizer.shrink * 2 ** -exponent);
		const factor = Math.fround((quantizer.lengthCorrection / quantizer.shrink) * 2 ** exponent);
		for (let i = start; i < start + GROUP; i++) {
			const z = Math.fround((x[i] as number) * inverse);
			const code = quantizer.stochastic
				? element.encode(z, 'stochastic', philox.uint32(i))
				: element.encode(z, 'half-toward-zero');
			out.codes[i] = code;
			out.values[i] = element.decode(code) * factor;
			out.kept[i] = Math.abs(z) < 6 ? 1 : 0;
		}
	}
	if (quantizer.projects) project(x, out.values, quantizer.rotated);
	return out;
}

/** The group's values in rotated space. */
function rotate(values: Float32Array, size: number, rotation: Rotation): Float32Array<ArrayBuffer> {
	const x = Float32Array.from(values);
	if (rotation.kind === 'hadamard') hadamardTransform(x, size, rotation.signs);
	if (rotation.kind === 'orthogonal') {
		for (let start = 0; start < x.length; start += size) {
			for (let column = 0; column < size; column++) {
				let sum = 0;
				for (let i = 0; i < size; i++)
					sum = Math.fround(sum + Math.fround((values[start + i] as number) * (rotation.matrix[i * size + column] as number)));
				x[start + column] = sum;
			}
		}
	}
	return x;
}

/** Exponent k of the group's scale 2^k, from -127 to 127. */
function exponentOfGroup(group: Float32Array, { scale }: Quantizer): number {
	if (scale.from === 'largest') {
		let largest = 0;
		for (const value of group) largest = Math.max(largest, Math.abs(value));
		return largest === 0 ? -SCALE_BIAS : clamp(Math.floor(Math.log2(largest)) - TOP_EXPONENT);
	}
	let sum = 0;
	for (const value of group) sum += value;
	const mean = sum / GROUP;
	let squares = 0;
	for (const value of group) squares += (value - mean) * (value - mean);
	return clamp(Math[scale.rounding](Math.log2(questStep(Math.sqrt(squares / GROUP)))));
}

function clamp(exponent: number): number {
	return Math.min(SCALE_BIAS, Math.max(-SCALE_BIAS, exponent));
}

function project(x: Float32Array, values: Float32Array, size: number): void {
	for (let start = 0; start < x.length; start += size) {
		let length = 0;
		let projection = 0;
		for (let i = start; i < start + size; i++) {
			length += (x[i] as number) * (x[i] as number);
			projection += (x[i] as number) * (values[i] as number);
		}
		const factor = projection > 0 ? Math.fround(length / projection) : 1;
		for (let i = start; i < start + size; i++) values[i] = (values[i] as number) * factor;
	}
}
