/** How fast weights are read, from two sizes: time = latency + bytes / rate. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { FILES } from './files.ts';
import { readInto } from './read-file.ts';

const REPEATS = 7;

export interface MeasuredLink {
	readonly latencySeconds: number;
	readonly bytesPerSecond: number;
}

/** `bytes`: what a unit takes; the smaller size is an eighth of it. */
export async function calibrateLink(folder: string, bytes: number): Promise<MeasuredLink> {
	const file = await open(join(folder, FILES.weights));
	try {
		const small = Math.max(1, Math.floor(bytes / 8));
		const [few, many] = [await medianSeconds(small), await medianSeconds(bytes)];
		const perByte = Math.max((many - few) / Math.max(1, bytes - small), 1e-13);
		return { latencySeconds: Math.max(0, few - small * perByte), bytesPerSecond: 1 / perByte };
	} finally {
		await file.close();
	}

	async function medianSeconds(size: number): Promise<number> {
		const into = new Uint8Array(size);
		const seconds: number[] = [];
		for (let i = 0; i < REPEATS; i++) {
			const start = performance.now();
			await readInto(file, 0, into);
			seconds.push((performance.now() - start) / 1000);
		}
		return seconds.sort((a, b) => a - b)[REPEATS >> 1] as number;
	}
}
