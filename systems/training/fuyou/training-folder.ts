/** The place on the drive where a training works, and what can be wrong with it. */
import { stat, statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { isAbsolute } from 'node:path';
import { InputError, show } from '@assay/contract';
import { LaneError } from './trainer/lane.ts';

/** Codes of a file system that takes no more. */
const FULL_DRIVE = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The folder to train in: the user's, or the system's for temporary files. Raises an `InputError` where there is none such. */
export async function parentFolder(folder: string): Promise<string> {
	if (folder === '') return tmpdir();
	const found = isAbsolute(folder) ? await stat(folder).catch(() => undefined) : undefined;
	if (found?.isDirectory() === true) return folder;
	throw new InputError({ path: ['train', 'folder'], found: show(folder), expected: 'the full path of an existing folder' });
}

/** Raises an `InputError` where fewer bytes are free. */
export async function requireSpace(folder: string, bytes: number): Promise<void> {
	const { bavail, bsize } = await statfs(folder);
	if (bavail * bsize >= bytes) return;
	throw new InputError({
		path: ['train', 'folder'],
		found: `${show(folder)} with ${((bavail * bsize) / 1e6).toFixed(0)} MB free`,
		expected: `at least ${(bytes / 1e6).toFixed(0)} MB, for two copies of the state and scratch files`,
	});
}

/** A drive that ran full as an `InputError`; other errors as they are. */
export function explainFullDrive(error: unknown, folder: string, bytes: number): unknown {
	if (!(error instanceof LaneError) || error.code === undefined || !FULL_DRIVE.has(error.code)) return error;
	return new InputError({
		path: ['train', 'folder'],
		found: `${show(folder)}, which ran full (${error.code})`,
		expected: `${(bytes / 1e6).toFixed(0)} MB free for the whole training; temporary files were removed`,
	});
}
