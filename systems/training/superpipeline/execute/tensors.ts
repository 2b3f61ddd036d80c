/** Tensors over bytes that are already there; nothing is copied. */
import * as ort from 'onnxruntime-node';
import type { Place } from './prepared-model.ts';

const VIEWS = {
	float32: Float32Array,
	float64: Float64Array,
	int8: Int8Array,
	uint8: Uint8Array,
	int16: Int16Array,
	uint16: Uint16Array,
	int32: Int32Array,
	uint32: Uint32Array,
	int64: BigInt64Array,
	uint64: BigUint64Array,
	bool: Uint8Array,
	float16: Uint16Array,
} as const;

/** Buffers must be ordinary ones: the runtime refuses shared memory. */
export function tensorOver(buffer: ArrayBuffer, start: number, { type, dims }: Pick<Place, 'type' | 'dims'>): ort.Tensor {
	if (!(type in VIEWS)) throw new RangeError(`tensors of ${type} cannot be fed`);
	const View = VIEWS[type as keyof typeof VIEWS];
	const count = dims.reduce((product, one) => product * one, 1);
	if (type === 'float16') return halfTensor(new Uint16Array(buffer, start, count), dims);
	return new ort.Tensor(type as 'float32', new View(buffer, start, count) as Float32Array, dims);
}

/** A result as an input. */
export function feedable(result: ort.Tensor): ort.Tensor {
	if (result.type !== 'float16') return result;
	const bytes = bytesOf(result);
	return halfTensor(new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2), result.dims);
}

/** The runtime's library turns 16-bit floats into `Float16Array`s, and its native side then finds them empty: it must be given the bits. */
function halfTensor(bits: Uint16Array, dims: readonly number[]): ort.Tensor {
	return Object.defineProperty(new ort.Tensor('uint16', bits, dims), 'type', { value: 'float16' });
}

/** The bytes of a result. */
export function bytesOf(tensor: ort.Tensor): Uint8Array {
	const { data } = tensor;
	if (!ArrayBuffer.isView(data)) throw new RangeError(`a result of type ${tensor.type}`);
	return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** How a session treats weights. */
export type SessionKind = 'streamed' | 'session-per-unit' | 'default';

/**
 * One thread, and no memory arena (it never gives memory back). Kernels may keep a second, rearranged copy of constant weights, which
 * rounds differently; and rewriting the graph merges operators where weights are constants and not where they are fed. So that results
 * can be compared bit by bit, streamed sessions do neither, sessions per unit rearrange, and the default does both.
 */
export function sessionOptions(kind: SessionKind): ort.InferenceSession.SessionOptions {
	return {
		intraOpNumThreads: 1,
		interOpNumThreads: 1,
		executionMode: 'sequential',
		graphOptimizationLevel: kind === 'default' ? 'all' : 'disabled',
		enableCpuMemArena: false,
		enableMemPattern: false,
		logSeverityLevel: 3,
		extra: { session: { disable_prepacking: kind === 'streamed' ? '1' : '0' } },
	};
}
