/** A checkpoint in a file. A crash at any moment leaves the file before or the file after, never a part of one. */
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckpointStore } from './train-llama.ts';

export function fileCheckpoint(path: string): CheckpointStore {
	return {
		name: path,
		read: () =>
			readFile(path).catch((error: NodeJS.ErrnoException) => {
				if (error.code === 'ENOENT') return undefined;
				throw error;
			}),
		write: async (bytes) => {
			const draft = `${path}.part`;
			try {
				const file = await open(draft, 'w');
				try {
					await file.writeFile(bytes);
					await file.sync();
				} finally {
					await file.close();
				}
				await rename(draft, path);
			} catch (error) {
				await rm(draft, { force: true });
				throw error;
			}
			// The name reaches the drive with its folder.
			const folder = await open(dirname(path));
			await folder.sync().finally(() => folder.close());
		},
	};
}
