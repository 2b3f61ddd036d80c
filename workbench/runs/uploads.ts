/** Files that came over a network: checked, and kept by content under a plain name. */
import { InputError, show } from '@assay/contract';
import type { BlobStore } from './blobs.ts';

/** Largest file taken in. */
const FILE_BYTES = 200 * 2 ** 20;
/** Characters of a file's name that are kept. */
const NAME_CHARACTERS = 120;

/**
 * Keeps a file and returns its reference. Raises an InputError at `place` if it is empty, too large, has no plain name, or
 * is plainly none of the media types asked for; what it says inside is for the system that reads it.
 */
export async function keepUpload(
	blobs: BlobStore,
	file: File,
	place: string,
	mediaTypes: readonly string[] = [],
): Promise<string> {
	if (file.size === 0 || file.size > FILE_BYTES)
		throw new InputError({ path: [place], found: `${file.size} bytes`, expected: `1 to ${FILE_BYTES} bytes` });
	const name = (file.name.split(/[/\\]/).at(-1) ?? '').replace(/[^\p{L}\p{N} ._()+-]/gu, '_').slice(-NAME_CHARACTERS);
	if (/^[. ]*$/.test(name)) throw new InputError({ path: [place], found: show(file.name), expected: 'a file with a plain name' });
	const content = new Uint8Array(await file.arrayBuffer());
	const fitting = mediaTypes.length === 0 || mediaTypes.some((type) => couldBe(content, type));
	if (!fitting)
		throw new InputError({ path: [place], found: `${show(name)}, ${looksLike(content)}`, expected: mediaTypes.join(' or ') });
	return `blob:${await blobs.keep(content)}/${name}`;
}

/** Bytes that a ZIP archive begins with: workbooks are such archives. */
const ZIP = [0x50, 0x4b, 0x03, 0x04];

function couldBe(content: Uint8Array, mediaType: string): boolean {
	const isZip = ZIP.every((byte, index) => content[index] === byte);
	if (mediaType.startsWith('application/vnd.openxmlformats')) return isZip;
	if (mediaType === 'application/json') return /^\uFEFF?\s*[[{]/.test(beginning(content)) && isText(content);
	if (mediaType.startsWith('text/')) return isText(content);
	return true;
}

function looksLike(content: Uint8Array): string {
	if (!isText(content)) return 'which is not text';
	return /^\uFEFF?\s*[[{]/.test(beginning(content)) ? 'which looks like JSON' : 'which is text';
}

const beginning = (content: Uint8Array): string => new TextDecoder().decode(content.subarray(0, 1024));

/** UTF-8 without NUL. */
function isText(content: Uint8Array): boolean {
	if (content.includes(0)) return false;
	try {
		new TextDecoder('utf-8', { fatal: true }).decode(content);
		return true;
	} catch (error) {
		if (error instanceof TypeError) return false;
		throw error;
	}
}
