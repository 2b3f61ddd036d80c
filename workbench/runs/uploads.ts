/** Files that came over a network: kept by content, under a plain name. */
import { InputError, show } from '@assay/contract';
import type { BlobStore } from './blobs.ts';

/** Largest file taken in. */
const FILE_BYTES = 200 * 2 ** 20;

/** Keeps a file and returns its reference. `place` names the input in errors: it is too large, empty, or has no plain name. */
export async function keepUpload(blobs: BlobStore, file: File, place: string): Promise<string> {
	if (file.size === 0 || file.size > FILE_BYTES)
		throw new InputError({ path: [place], found: `${file.size} bytes`, expected: `1 to ${FILE_BYTES} bytes` });
	const name = (file.name.split(/[/\\]/).at(-1) ?? '').replace(/[^\p{L}\p{N} ._()+-]/gu, '_').slice(-120);
	if (/^[. ]*$/.test(name)) throw new InputError({ path: [place], found: show(file.name), expected: 'a file with a plain name' });
	return `blob:${await blobs.keep(new Uint8Array(await file.arrayBuffer()))}/${name}`;
}
