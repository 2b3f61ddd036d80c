/** Reads a stream of bytes in the pieces that a format asks for, with no more in memory than those. */
import { InputError } from '@assay/contract';

export class ByteReader {
	private readonly chunks: AsyncIterator<Uint8Array>;
	private readonly name: string;
	private chunk: Uint8Array = new Uint8Array(0);

	constructor(stream: AsyncIterable<Uint8Array>, name: string) {
		this.chunks = stream[Symbol.asyncIterator]();
		this.name = name;
	}

	/** The next `count` bytes, copied. Raises an InputError where the file ends before. */
	async read(count: number): Promise<Uint8Array<ArrayBuffer>> {
		const bytes = new Uint8Array(count);
		let filled = 0;
		for await (const piece of this.pieces(count)) {
			bytes.set(piece, filled);
			filled += piece.length;
		}
		return bytes;
	}

	/** The next `count` bytes as they come. */
	async *pieces(count: number): AsyncGenerator<Uint8Array> {
		for (let left = count; left > 0; ) {
			if (this.chunk.length === 0) {
				const next = await this.chunks.next();
				if (next.done === true)
					throw new InputError({
						path: [this.name],
						found: `an end ${left} bytes early`,
						expected: 'a whole file: it is truncated',
					});
				this.chunk = next.value;
			}
			const piece = this.chunk.subarray(0, left);
			this.chunk = this.chunk.subarray(piece.length);
			left -= piece.length;
			if (piece.length > 0) yield piece;
		}
	}

	/** Lets go of the stream. */
	async close(): Promise<void> {
		await this.chunks.return?.();
	}

	async skip(count: number): Promise<void> {
		for await (const _ of this.pieces(count));
	}
}
