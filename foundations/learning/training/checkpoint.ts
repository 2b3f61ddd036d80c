/**
 * A training's whole state as one safetensors file: parameters under their names at Hugging Face, AdamW's moments, the losses so far,
 * and in the metadata the step and what training it is. From it the training goes on as if it had never stopped.
 */
import { InputError, show } from '@assay/contract';
import {
	encodeSafetensorsHeader,
	parseSafetensorsHeader,
	SAFETENSORS_PREFIX_BYTES,
	safetensorsHeaderLength,
	type TensorDescription,
} from '@assay/models';
import type { Llama } from '../llama/llama.ts';
import { type LlamaShape, llamaTensors } from '../llama/llama-shape.ts';

export interface TrainingState {
	/** Steps done. */
	readonly step: number;
	/** Loss of each step so far. */
	readonly losses: readonly number[];
	/** Validation losses so far, each after so many steps. */
	readonly validations: readonly { readonly step: number; readonly loss: number }[];
}

const LOSSES = 'training.losses';
const VALIDATIONS = 'training.validations';
const FIRST = 'first_moment.';
const SECOND = 'second_moment.';

/** The model's weights alone, as others read them. */
export function encodeLlamaWeights(shape: LlamaShape, parameters: Float32Array): Uint8Array<ArrayBuffer> {
	const tensors = llamaTensors(shape).map(({ name, shape: sizes, offset, length }) => ({
		description: { name, dtype: 'F32' as const, shape: sizes },
		values: parameters.subarray(offset, offset + length),
	}));
	return encodeFile(tensors, { format: 'pt' });
}

/** `identity` says what training it is; it is refused by any other. */
export function encodeCheckpoint(model: Llama, state: TrainingState, identity: string): Uint8Array<ArrayBuffer> {
	const { parameters, firstMoments, secondMoments, shape } = model;
	const runs: [string, Float32Array][] = [
		['', parameters],
		[FIRST, firstMoments],
		[SECOND, secondMoments],
	];
	const weights: Part[] = runs.flatMap(([prefix, values]) =>
		llamaTensors(shape).map(({ name, shape: sizes, offset, length }) => ({
			description: { name: `${prefix}${name}`, dtype: 'F32' as const, shape: sizes },
			values: values.subarray(offset, offset + length),
		})),
	);
	const numbers = (name: string, values: readonly number[]): Part => ({
		description: { name, dtype: 'F64', shape: [values.length] },
		values: Float64Array.from(values),
	});
	const validations = state.validations.flatMap(({ step, loss }) => [step, loss]);
	return encodeFile([numbers(LOSSES, state.losses), numbers(VALIDATIONS, validations), ...weights], {
		step: String(state.step),
		identity,
	});
}

/** Puts a checkpoint back into a model of the same shape. Raises an InputError for a broken file or that of another training. */
export function restoreCheckpoint(bytes: Uint8Array, model: Llama, identity: string, fileName: string): TrainingState {
	const length = safetensorsHeaderLength(bytes.subarray(0, SAFETENSORS_PREFIX_BYTES), fileName, bytes.byteLength);
	const text = bytes.subarray(SAFETENSORS_PREFIX_BYTES, SAFETENSORS_PREFIX_BYTES + length);
	const header = parseSafetensorsHeader(text, fileName, bytes.byteLength);
	const wrong = (path: string, found: string, expected: string) => new InputError({ path: [fileName, path], found, expected });
	const found = header.metadata['identity'];
	if (found !== identity) throw wrong('identity', show(found), `a checkpoint of this training: ${identity}`);
	const step = Number(header.metadata['step']);
	if (!Number.isSafeInteger(step) || step < 0) throw wrong('step', show(header.metadata['step']), 'a number of steps');
	const entries = new Map(header.tensors.map((entry) => [entry.name, entry]));
	const read = (name: string, dtype: 'F32' | 'F64', length?: number): Float32Array | Float64Array => {
		const entry = entries.get(name);
		const values = entry?.shape.reduce((product, size) => product * size, 1);
		if (entry?.dtype !== dtype || (length !== undefined && values !== length))
			throw wrong(
				name,
				entry === undefined ? 'nothing' : `${entry.dtype} [${entry.shape}]`,
				`${length ?? 'some'} values of ${dtype}`,
			);
		// Copied, so that it starts where numbers may; a Buffer's own slice copies nothing.
		const copy = new Uint8Array(bytes.subarray(entry.fileOffset, entry.fileOffset + entry.bytes)).buffer;
		const numbers = dtype === 'F32' ? new Float32Array(copy) : new Float64Array(copy);
		const bad = numbers.findIndex((value) => !Number.isFinite(value));
		if (bad >= 0) throw wrong(name, `${numbers[bad]} at value ${bad}`, 'finite numbers');
		return numbers;
	};
	// Everything is read before anything is changed.
	const tensors = llamaTensors(model.shape);
	const runs = ['', FIRST, SECOND].map((prefix) => tensors.map(({ name, length }) => read(`${prefix}${name}`, 'F32', length)));
	const losses = Array.from(read(LOSSES, 'F64', step));
	const validations = Array.from(read(VALIDATIONS, 'F64'));
	for (const [index, values] of [model.parameters, model.firstMoments, model.secondMoments].entries())
		for (const [place, { offset }] of tensors.entries()) values.set(runs[index]?.[place] ?? [], offset);
	const pairs = Array.from({ length: validations.length >> 1 }, (_, i) => ({
		step: validations[2 * i] as number,
		loss: validations[2 * i + 1] as number,
	}));
	return { step, losses, validations: pairs };
}

interface Part {
	readonly description: TensorDescription;
	readonly values: Float32Array | Float64Array;
}

function encodeFile(tensors: readonly Part[], metadata: Record<string, string>): Uint8Array<ArrayBuffer> {
	const descriptions = tensors.map(({ description }) => description);
	const { bytes, header } = encodeSafetensorsHeader(descriptions, metadata);
	const file = new Uint8Array(header.fileBytes);
	file.set(bytes);
	let at = bytes.length;
	for (const { values } of tensors) {
		file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
		at += values.byteLength;
	}
	return file;
}
