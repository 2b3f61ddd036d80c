/** A thread that moves bytes between files and the shared kernel memory, bypassing the page cache where the file system lets it. */
import { closeSync, constants, fdatasyncSync, openSync, readSync, writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { serveCommands } from './serve-commands.ts';

export type DriveCommand =
	| {
			readonly do: 'read' | 'write' | 'read weights' | 'read state' | 'write state' | 'read activations' | 'write activations';
			readonly path: string;
			readonly offset: number;
			readonly address: number;
			readonly bytes: number;
	  }
	/** Waits until everything written to the file is on the drive. */
	| { readonly do: 'flush'; readonly path: string };

export interface DriveWorkerData {
	readonly memory: WebAssembly.Memory;
	/** Largest request: the block size times the queue depth of an asynchronous engine. */
	readonly requestBytes: number;
	/** Slows the thread down to so many bytes per second; 0 does not. */
	readonly bytesPerSecond: number;
}

const { memory, requestBytes, bytesPerSecond } = workerData as DriveWorkerData;
const files = new Map<string, number>();
const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Opens a file once per thread; without direct access where the file system refuses it (tmpfs of old kernels, network drives). */
function fileOf(path: string): number {
	let file = files.get(path);
	if (file === undefined) {
		try {
			file = openSync(path, constants.O_RDWR | (constants.O_DIRECT ?? 0));
		} catch (error) {
			if (!(error instanceof Error && 'code' in error && error.code === 'EINVAL')) throw error;
			file = openSync(path, constants.O_RDWR);
		}
		files.set(path, file);
	}
	return file;
}

process.on('exit', () => {
	for (const file of files.values()) closeSync(file);
});

serveCommands<DriveCommand>((command) => {
	const file = fileOf(command.path);
	if (command.do === 'flush') {
		fdatasyncSync(file);
		return 0;
	}
	const { offset, address, bytes } = command;
	const started = performance.now();
	const view = new Uint8Array(memory.buffer, address, bytes);
	const reads = command.do.startsWith('read');
	for (let done = 0; done < bytes; ) {
		const length = Math.min(requestBytes, bytes - done);
		const moved = reads ? readSync(file, view, done, length, offset + done) : writeSync(file, view, done, length, offset + done);
		if (moved === 0) throw new Error(`${command.path} ends at ${offset + done}, ${bytes - done} bytes short`);
		done += moved;
	}
	const owed = bytesPerSecond === 0 ? 0 : (bytes / bytesPerSecond) * 1000 - (performance.now() - started);
	if (owed > 0) Atomics.wait(sleeper, 0, 0, owed);
	return bytes;
});
