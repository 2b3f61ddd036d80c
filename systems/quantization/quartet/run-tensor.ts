/** Quantises a tensor in every way, keeps one of them as a file, and says what was lost. */
import { InputError, type RunContext } from '@assay/contract';
import { encodeSafetensorsHeader } from '@assay/models';
import { readTensor, type Tensor } from '@assay/models/tensors';
import { inverseHadamardTransform, smallFloat, valuesOf } from '@assay/numerics';
import type { Inputs } from './inputs.ts';
import type { Outputs, TensorOutput } from './outputs.ts';
import { gaussianErrors } from './quantizers/gaussian-errors.ts';
import { GroupQuantizer } from './quantizers/group-quantizer.ts';
import { GROUP, type Quantizer, quantizer, quantizerNames } from './quantizers/quantizer.ts';
import type { Rotation } from './quantizers/rotation.ts';

/** Values worked on at a time: whole groups of 128. */
const PIECE = 1 << 18;
/** Normal deviates that each quantiser is shown. */
const GAUSSIAN_SAMPLES = 1 << 17;
/** Rows and columns of the tensor that is made where the user brings none. */
const MADE = 512;

export async function runTensor(inputs: Inputs, context: RunContext): Promise<Outputs> {
	const { tensor: wanted } = inputs;
	const { tensor, source } = await tensorOf(inputs, context);
	checkAxis(tensor, source, 32);
	const groups = await GroupQuantizer.create();
	const { values } = tensor;
	const notes: string[] = [];
	const names = quantizerNames.filter((name) => quantizer(name).rotated === GROUP || (tensor.shape.at(-1) ?? 0) % 128 === 0);
	if (names.length < quantizerNames.length)
		notes.push('EDEN over groups of 128 is left out: the last axis is no multiple of 128.');
	const rows: TensorOutput['rows'] = [];
	const byMagnitude: TensorOutput['byMagnitude'] = [];
	for (const [index, name] of names.entries()) {
		const one = quantizer(name, wanted.scaleRounding);
		const gaussian = await gaussianErrors(
			groups,
			one,
			{ samples: GAUSSIAN_SAMPLES, spread: 'log-uniform', seed: context.seed },
			context.pause,
		);
		for (const hadamard of [true, false]) {
			const measured = await measure(groups, values, one, hadamard, context);
			rows.push({
				quantizer: name,
				hadamard,
				...measured.row,
				gaussianError: gaussian.relativeError,
				gaussianAlignment: gaussian.alignment,
			});
			if (hadamard === wanted.hadamard) byMagnitude.push(...measured.orders.map((order) => ({ quantizer: name, ...order })));
		}
		context.progress((0.9 * (index + 1)) / names.length, name);
	}
	const chosen = quantizer(wanted.quantizer, wanted.scaleRounding);
	const file = await quantizeToFile(groups, tensor, chosen, wanted.hadamard, context);
	await context.artifact('tensor-mxfp4.safetensors', file.bytes, 'application/octet-stream');
	const tensorOutput: TensorOutput = {
		source,
		shape: [...tensor.shape],
		values: values.length,
		bytesBefore: 4 * values.length,
		bytesAfter: file.codes.length + file.scales.length,
		quantizer: wanted.quantizer,
		hadamard: wanted.hadamard,
		rows,
		...usage(file.codes, values.length),
		byMagnitude,
		scales: scaleShares(file.scales),
	};
	const row = rows.find((one) => one.quantizer === wanted.quantizer && one.hadamard === wanted.hadamard);
	const error = row?.relativeError;
	const lost =
		error === null || error === undefined ? 'nothing is in it' : `${(100 * error).toPrecision(3)} % of its energy is lost`;
	const clipped = row === undefined ? 0 : 1 - row.keptShare;
	context.progress(1, 'done');
	return {
		answer: `${source}, ${tensor.shape.join(' x ')} in MXFP4 by ${wanted.quantizer}${wanted.hadamard ? ' after a Hadamard transform' : ''}: ${lost}, ${(100 * clipped).toPrecision(3)} % of the values lie beyond the grid; ${((8 * (file.codes.length + file.scales.length)) / values.length).toFixed(2)} bits a value.`,
		notes,
		plan: null,
		tensor: tensorOutput,
		training: null,
	};
}

async function tensorOf({ tensor }: Inputs, context: RunContext): Promise<{ tensor: Tensor; source: string }> {
	if (tensor.file !== undefined) {
		const file = await context.open(tensor.file);
		const read = await readTensor(file, tensor.name === '' ? undefined : tensor.name);
		return { tensor: read, source: tensor.name === '' ? file.name : `${tensor.name} of ${file.name}` };
	}
	const random = context.random.fork('tensor');
	const values = new Float32Array(MADE * MADE);
	for (let i = 0; i < values.length; i++) {
		values[i] = random.normal() * (random.uniform() < 0.001 ? 30 : 1);
		if (i % 8192 === 0) await context.pause();
	}
	return { tensor: { shape: [MADE, MADE], values }, source: 'normal deviates with one outlier in a thousand' };
}

/** Groups run along the last axis. Raises an InputError where it is no whole number of them. */
function checkAxis({ shape }: Tensor, source: string, size: number): void {
	const last = shape.at(-1) ?? 1;
	if (last % size !== 0)
		throw new InputError({
			path: ['tensor', 'file'],
			found: `${source} with a last axis of ${last}`,
			expected: `a multiple of ${size}, since ${size} values share a scale`,
			nearest: String(Math.max(size, Math.round(last / size) * size)),
		});
}

function rotationOf(hadamard: boolean): Rotation {
	return hadamard ? { kind: 'hadamard' } : { kind: 'none' };
}

type Measured = Pick<TensorOutput['rows'][number], 'relativeError' | 'signalToNoise' | 'alignment' | 'keptShare' | 'zeroShare'>;

/** Errors where the values belong: rotated back. */
async function measure(groups: GroupQuantizer, values: Float32Array, one: Quantizer, hadamard: boolean, context: RunContext) {
	const sums = { error: 0, length: 0, projection: 0, kept: 0, vanished: 0, counted: 0 };
	const orders = new Map<number, { signal: number; noise: number }>();
	const [q, kept] = [new Float32Array(PIECE), new Float32Array(PIECE)];
	for (let at = 0; at < values.length; at += PIECE) {
		const x = values.subarray(at, at + PIECE);
		const stored = q.subarray(0, x.length);
		const inside = kept.subarray(0, x.length);
		// Each piece has draws of its own.
		const options = { rotation: rotationOf(hadamard), seed: context.seed * 4096 + at / PIECE };
		groups.quantize(x, one, options, { values: stored, kept: inside });
		await context.pause();
		if (hadamard) inverseHadamardTransform(stored, one.rotated);
		await context.pause();
		for (let i = 0; i < x.length; i++) {
			const value = x[i] as number;
			const approximate = stored[i] as number;
			const error = (approximate - value) ** 2;
			sums.error += error;
			sums.length += value * value;
			sums.projection += value * approximate;
			sums.kept += inside[i] as number;
			if (value === 0) continue;
			sums.counted++;
			if (approximate === 0) sums.vanished++;
			const order = Math.floor(Math.log2(Math.abs(value)));
			const sum = orders.get(order) ?? { signal: 0, noise: 0 };
			sum.signal += value * value;
			sum.noise += error;
			orders.set(order, sum);
		}
		await context.pause();
	}
	const ratio = (value: number) => (sums.length > 0 ? value / sums.length : null);
	const relativeError = ratio(sums.error);
	const row: Measured = {
		relativeError,
		signalToNoise: relativeError === null || relativeError === 0 ? null : -10 * Math.log10(relativeError),
		alignment: ratio(sums.projection),
		keptShare: sums.kept / values.length,
		zeroShare: sums.counted === 0 ? 0 : sums.vanished / sums.counted,
	};
	return {
		row,
		orders: [...orders]
			.sort(([a], [b]) => a - b)
			.filter(([, { signal }]) => signal > 0)
			.map(([order, { signal, noise }]) => ({ magnitude: 2 ** (order + 0.5), error: Math.sqrt(noise / signal) })),
	};
}

/**
 * Codes and scales as a safetensors file: `codes` with two E2M1 codes a byte along the last axis, the first in the low half, `scales` with an
 * E8M0 code for each 32 values; the metadata say what the values must be multiplied by and whether groups were rotated.
 */
async function quantizeToFile(
	groups: GroupQuantizer,
	{ shape, values }: Tensor,
	one: Quantizer,
	hadamard: boolean,
	context: RunContext,
) {
	const [codes, scales] = [new Uint8Array(values.length / 2), new Uint8Array(values.length / GROUP)];
	for (let at = 0; at < values.length; at += PIECE) {
		const to = Math.min(values.length, at + PIECE);
		groups.quantize(
			values.subarray(at, to),
			one,
			{ rotation: rotationOf(hadamard), seed: context.seed * 4096 + at / PIECE },
			{ codes: codes.subarray(at / 2, to / 2), scales: scales.subarray(at / GROUP, to / GROUP) },
		);
		await context.pause();
	}
	const outer = shape.slice(0, -1);
	const last = shape.at(-1) ?? 1;
	const { bytes: header } = encodeSafetensorsHeader(
		[
			{ name: 'codes', dtype: 'U8', shape: [...outer, last / 2] },
			{ name: 'scales', dtype: 'U8', shape: [...outer, last / GROUP] },
		],
		{
			format: 'mxfp4',
			group: String(GROUP),
			quantizer: one.name,
			multiplier: String(one.lengthCorrection / one.shrink),
			hadamard: hadamard ? String(one.rotated) : '0',
		},
	);
	const bytes = new Uint8Array(header.length + codes.length + scales.length);
	bytes.set(header);
	bytes.set(codes, header.length);
	bytes.set(scales, header.length + codes.length);
	return { bytes, codes, scales };
}

const element = smallFloat('e2m1');

/** How often each value of the grid is stored. */
function usage(codes: Uint8Array, count: number): Pick<TensorOutput, 'grid' | 'used'> {
	const grid = Array.from(valuesOf(element));
	const byCode = new Float64Array(16);
	for (const byte of codes) {
		byCode[byte & 15] = (byCode[byte & 15] as number) + 1;
		byCode[byte >> 4] = (byCode[byte >> 4] as number) + 1;
	}
	const used = grid.map(() => 0);
	for (const [code, times] of byCode.entries()) {
		const place = grid.indexOf(element.decode(code) + 0);
		used[place] = (used[place] as number) + times / count;
	}
	return { grid, used };
}

function scaleShares(scales: Uint8Array): TensorOutput['scales'] {
	const counts = new Map<number, number>();
	for (const scale of scales) counts.set(scale - 127, (counts.get(scale - 127) ?? 0) + 1);
	return [...counts].sort(([a], [b]) => a - b).map(([exponent, times]) => ({ exponent, share: times / scales.length }));
}
