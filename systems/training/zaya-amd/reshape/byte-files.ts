/**
 * Reading and writing in bounded memory. Reads go through windows of a quarter of a megabyte, the least recently used one making room;
 * writes are gathered while they follow each other. Runs as long as a window go straight through.
 */

/** Something that bytes are read from, at any place. */
export interface ByteSource {
	/** Fills `into` from `offset` on; raises an error if the source is shorter. */
	read(offset: number, into: Uint8Array): void;
}

/** Something that bytes are written to, at any place. */
export interface ByteTarget {
	write(offset: number, bytes: Uint8Array): void;
}

const windowBytes = 256 * 1024;
const windows = 96;
const writeBytes = 4 << 20;

/** Memory that a copy takes at most, whatever the size of the checkpoint. */
export const copyMemoryBytes = windows * windowBytes + writeBytes;

/** Cached reads over several sources. */
export class WindowReader {
	private readonly sources: readonly ByteSource[];
	private readonly sizes: readonly number[];
	private readonly held = new Map<number, Uint8Array>();
	private lastKey = -1;
	private last: Uint8Array = new Uint8Array(0);

	/** `sizes` are the sources' lengths in bytes. */
	constructor(sources: readonly ByteSource[], sizes: readonly number[]) {
		this.sources = sources;
		this.sizes = sizes;
	}

	/** Calls `take` with the bytes in order, in pieces that must be used at once. */
	read(file: number, offset: number, bytes: number, take: (piece: Uint8Array) => void): void {
		for (let done = 0; done < bytes; ) {
			const at = offset + done;
			const number = Math.floor(at / windowBytes);
			const window = this.window(file, number);
			const inside = at - number * windowBytes;
			const length = Math.min(bytes - done, window.length - inside);
			if (length <= 0) throw new RangeError('a read beyond the end of a file');
			take(window.subarray(inside, inside + length));
			done += length;
		}
	}

	/** Reads straight into a buffer, past the windows. */
	readInto(file: number, offset: number, into: Uint8Array): void {
		this.sources[file]?.read(offset, into);
	}

	private window(file: number, number: number): Uint8Array {
		const key = file * 2 ** 32 + number;
		if (key === this.lastKey) return this.last;
		let window = this.held.get(key);
		if (window === undefined) {
			const start = number * windowBytes;
			const length = Math.min(windowBytes, (this.sizes[file] as number) - start);
			window = this.recycled(length);
			this.sources[file]?.read(start, window);
		} else {
			this.held.delete(key);
		}
		this.held.set(key, window);
		this.lastKey = key;
		this.last = window;
		return window;
	}

	/** A buffer of that length, the oldest window's where there are enough. */
	private recycled(length: number): Uint8Array {
		if (this.held.size < windows) return new Uint8Array(length);
		const [oldest] = this.held;
		if (oldest === undefined) return new Uint8Array(length);
		this.held.delete(oldest[0]);
		return oldest[1].buffer.byteLength >= length ? new Uint8Array(oldest[1].buffer, 0, length) : new Uint8Array(length);
	}
}

/** Copies runs from sources to targets; `flush` at the end. */
export class RunCopier {
	/** Runs as they were given, those that follow each other on both sides counted once. */
	runs = 0;
	bytes = 0;
	private readonly reader: WindowReader;
	private readonly targets: readonly ByteTarget[];
	private readonly buffer = new Uint8Array(writeBytes);
	private file = -1;
	private start = 0;
	private filled = 0;
	private nextSourceFile = -1;
	private nextSource = -1;

	constructor(reader: WindowReader, targets: readonly ByteTarget[]) {
		this.reader = reader;
		this.targets = targets;
	}

	copy(sourceFile: number, sourceOffset: number, targetFile: number, targetOffset: number, bytes: number): void {
		const follows = targetFile === this.file && targetOffset === this.start + this.filled;
		if (!(follows && sourceFile === this.nextSourceFile && sourceOffset === this.nextSource)) this.runs++;
		this.nextSourceFile = sourceFile;
		this.nextSource = sourceOffset + bytes;
		this.bytes += bytes;
		if (!follows) {
			this.flush();
			this.file = targetFile;
			this.start = targetOffset;
		}
		for (let done = 0; done < bytes; ) {
			if (this.filled === writeBytes) this.flush();
			const length = Math.min(bytes - done, writeBytes - this.filled);
			this.fill(sourceFile, sourceOffset + done, length);
			done += length;
		}
	}

	flush(): void {
		if (this.filled > 0) this.targets[this.file]?.write(this.start, this.buffer.subarray(0, this.filled));
		this.start += this.filled;
		this.filled = 0;
	}

	private fill(sourceFile: number, sourceOffset: number, length: number): void {
		if (length >= windowBytes) {
			this.reader.readInto(sourceFile, sourceOffset, this.buffer.subarray(this.filled, this.filled + length));
			this.filled += length;
			return;
		}
		this.reader.read(sourceFile, sourceOffset, length, this.append);
	}

	private readonly append = (piece: Uint8Array): void => {
		this.buffer.set(piece, this.filled);
		this.filled += piece.length;
	};
}
