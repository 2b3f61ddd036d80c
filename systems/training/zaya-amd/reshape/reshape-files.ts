/** Reshaping of files that a run was given into files that it leaves; both are in memory, so there is a limit. Folders of any size go through `checkpoint-folder.ts`. */
import { type DataFile, InputError } from '@assay/contract';
import { parseSafetensorsHeader, SAFETENSORS_PREFIX_BYTES, safetensorsHeaderLength } from '@assay/models';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { ByteSource, ByteTarget } from './byte-files.ts';
import type { Layout } from './layout.ts';
import { type HashFactory, planReshape, type ReshapePlan, type ReshapeResult, reshape } from './reshape.ts';

/** SHA-256 that runs anywhere. */
export const portableSha256: HashFactory = () => {
	const hash = sha256.create();
	return { update: (bytes) => void hash.update(bytes), digest: () => bytesToHex(hash.digest()) };
};

/** A file with all its bytes. */
export interface HeldFile {
	readonly name: string;
	readonly bytes: Uint8Array;
}

export interface FilesReshape {
	readonly files: readonly HeldFile[];
	readonly sourceLayout: Layout;
	readonly targetLayout: Layout;
	/** Most bytes of the files brought and made together. */
	readonly limitBytes: number;
	readonly pause: () => Promise<void>;
	readonly onProgress?: (fraction: number, note: string) => void;
}

/** Reads files whole. Raises an `InputError` beyond the limit and for a name given twice. */
export async function holdFiles(files: readonly DataFile[], limitBytes: number): Promise<HeldFile[]> {
	const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
	requireWithin(total, limitBytes);
	const held: HeldFile[] = [];
	for (const file of files) {
		if (held.some(({ name }) => name === file.name))
			throw new InputError({ path: [file.name], found: 'a file of that name twice', expected: 'each file once' });
		held.push({ name: file.name, bytes: new Uint8Array(await file.arrayBuffer(limitBytes)) });
	}
	return held;
}

/** Reshapes files into files. */
export async function reshapeFiles(
	options: FilesReshape,
): Promise<{ plan: ReshapePlan; result: ReshapeResult; files: HeldFile[] }> {
	const headed = options.files.map(({ name, bytes }) => {
		const length = safetensorsHeaderLength(bytes.subarray(0, SAFETENSORS_PREFIX_BYTES), name, bytes.byteLength);
		const header = bytes.subarray(SAFETENSORS_PREFIX_BYTES, SAFETENSORS_PREFIX_BYTES + length);
		return { name, header: parseSafetensorsHeader(header, name, bytes.byteLength) };
	});
	const plan = planReshape(headed, options.sourceLayout, options.targetLayout, {
		source: 'source layout',
		target: 'target layout',
	});
	const made = plan.targetHeaders.reduce((sum, { header }) => sum + header.fileBytes, 0);
	requireWithin(
		options.files.reduce((sum, { bytes }) => sum + bytes.byteLength, made),
		options.limitBytes,
	);
	const files = plan.targetHeaders.map(({ name, header }) => ({ name, bytes: new Uint8Array(header.fileBytes) }));
	const result = await reshape(plan, {
		sources: options.files.map(({ bytes }) => memorySource(bytes)),
		targets: files.map(({ bytes }): ByteTarget => ({ write: (offset, piece) => bytes.set(piece, offset) })),
		written: files.map(({ bytes }) => memorySource(bytes)),
		hash: portableSha256,
		pause: options.pause,
		...(options.onProgress !== undefined && { onProgress: options.onProgress }),
	});
	return { plan, result, files };
}

function memorySource(bytes: Uint8Array): ByteSource {
	return { read: (offset, into) => into.set(bytes.subarray(offset, offset + into.length)) };
}

function requireWithin(bytes: number, limitBytes: number): void {
	if (bytes <= limitBytes) return;
	throw new InputError({
		path: ['reshape', 'files'],
		found: `${bytes} bytes read and written`,
		expected: `at most ${limitBytes} in a run; larger checkpoints go through reshape-command.ts, which streams folders`,
	});
}
