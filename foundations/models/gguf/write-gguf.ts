/** Writes a GGUF file: metadata, then tensors, each at a multiple of 32 bytes. */
import { type GgufTensorType, ggufTypeNamed } from './tensor-type.ts';

export interface TensorToWrite {
	readonly name: string;
	/** Innermost axis first. */
	readonly shape: readonly number[];
	readonly type: GgufTensorType['name'];
	/** Blocks of the format, one after the other. */
	readonly content: Uint8Array;
}

const ALIGNMENT = 32;

/** The whole file. Whole numbers of the metadata are written as 32-bit ones, others as float32. Raises a `RangeError` for content of another size. */
export function writeGguf(metadata: ReadonlyMap<string, number | string>, tensors: readonly TensorToWrite[]): Uint8Array {
	const head = new Writer();
	head.text4('GGUF');
	head.uint32(3);
	head.uint64(tensors.length);
	head.uint64(metadata.size);
	for (const [key, value] of metadata) {
		head.string(key);
		if (typeof value === 'string') {
			head.uint32(8);
			head.string(value);
		} else if (Number.isInteger(value)) {
			head.uint32(4);
			head.uint32(value);
		} else {
			head.uint32(6);
			head.float32(value);
		}
	}
	let offset = 0;
	for (const { name, shape, type, content } of tensors) {
		const { number, blockBytes, blockWeights } = ggufTypeNamed(type);
		const bytes = (shape.reduce((all, one) => all * one, 1) / blockWeights) * blockBytes;
		if (bytes !== content.byteLength) throw new RangeError(`${name} takes ${bytes} bytes, not ${content.byteLength}`);
		head.string(name);
		head.uint32(shape.length);
		for (const size of shape) head.uint64(size);
		head.uint32(number);
		head.uint64(offset);
		offset += aligned(bytes);
	}
	const start = aligned(head.bytes.length);
	const file = new Uint8Array(start + offset);
	file.set(head.bytes);
	let at = start;
	for (const { content } of tensors) {
		file.set(content, at);
		at += aligned(content.byteLength);
	}
	return file;
}

function aligned(bytes: number): number {
	return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** Gathers little-endian values. */
class Writer {
	readonly bytes: number[] = [];

	text4(text: string): void {
		this.bytes.push(...new TextEncoder().encode(text));
	}

	uint32(value: number): void {
		this.push(4, (view) => view.setUint32(0, value, true));
	}

	uint64(value: number): void {
		this.push(8, (view) => view.setBigUint64(0, BigInt(value), true));
	}

	float32(value: number): void {
		this.push(4, (view) => view.setFloat32(0, value, true));
	}

	string(text: string): void {
		const encoded = new TextEncoder().encode(text);
		this.uint64(encoded.length);
		this.bytes.push(...encoded);
	}

	private push(bytes: number, write: (view: DataView) => void): void {
		const view = new DataView(new ArrayBuffer(bytes));
		write(view);
		for (let at = 0; at < bytes; at++) this.bytes.push(view.getUint8(at));
	}
}
