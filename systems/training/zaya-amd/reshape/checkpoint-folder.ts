/**
 * Checkpoints as folders: `layout.json`, safetensors files, and whatever small files go with them (`*.json`: step, random state, data
 * position), which are copied as they are. A target is written beside its name and renamed when it has been checked, so it is there
 * whole or not at all.
 */
import { createHash } from 'node:crypto';
import {
	closeSync,
	copyFileSync,
	existsSync,
	mkdirSync,
	openSync,
	readdirSync,
	readFileSync,
	readSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
	writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { InputError } from '@assay/contract';
import { parseSafetensorsHeader, SAFETENSORS_PREFIX_BYTES, safetensorsHeaderLength } from '@assay/models';
import type { ByteSource, ByteTarget } from './byte-files.ts';
import { type Layout, parseLayoutText } from './layout.ts';
import { type HashFactory, planReshape, type ReshapeResult, reshape } from './reshape.ts';
import type { HeadedFile } from './source-checkpoint.ts';

/** Largest small file that is copied along. */
const maxSmallFileBytes = 64 << 20;

const sha256: HashFactory = () => {
	const hash = createHash('sha256');
	return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('hex') };
};

export interface FolderReshape {
	readonly source: string;
	/** A folder that does not exist yet. */
	readonly target: string;
	readonly layout: Layout;
	/** Text of the layout file, kept in the target. */
	readonly layoutText: string;
	readonly pause?: () => Promise<void>;
	readonly onProgress?: (fraction: number, note: string) => void;
}

/** Reads the header of a file. */
export function readHeader(path: string): HeadedFile {
	const { size } = statSync(path);
	const name = basename(path);
	const file = openSync(path, 'r');
	try {
		const prefix = new Uint8Array(SAFETENSORS_PREFIX_BYTES);
		const read = readSync(file, prefix, 0, prefix.length, 0);
		const length = safetensorsHeaderLength(prefix.subarray(0, read), name, size);
		const header = new Uint8Array(length);
		if (readSync(file, header, 0, length, SAFETENSORS_PREFIX_BYTES) !== length)
			throw new InputError({ path: [name], found: 'a file that became shorter', expected: `a header of ${length} bytes` });
		return { name, header: parseSafetensorsHeader(header, name, size) };
	} finally {
		closeSync(file);
	}
}

/** Reshapes a folder into another, streaming. */
export async function reshapeFolder(options: FolderReshape): Promise<ReshapeResult> {
	const { source, target } = options;
	const pause = options.pause ?? (async () => undefined);
	if (!existsSync(source) || !statSync(source).isDirectory())
		throw new InputError({ path: [source], found: 'no such folder', expected: 'the folder of a checkpoint' });
	if (existsSync(target))
		throw new InputError({ path: [target], found: 'a folder or file', expected: 'a name that is not taken yet' });
	const names = readdirSync(source).sort();
	const layoutPath = join(source, 'layout.json');
	const sourceLayout = parseLayoutText(existsSync(layoutPath) ? readFileSync(layoutPath, 'utf8') : '{}', 'layout.json');
	const files = names.filter((name) => name.endsWith('.safetensors')).map((name) => readHeader(join(source, name)));
	const plan = planReshape(files, sourceLayout, options.layout, { source: 'layout.json', target: 'target layout' });
	const small = names.filter(
		(name) => name.endsWith('.json') && name !== 'layout.json' && name !== 'manifest.json' && !/index\.json$/.test(name),
	);
	for (const name of small) {
		const { size } = statSync(join(source, name));
		if (size > maxSmallFileBytes)
			throw new InputError({
				path: [name],
				found: `${size} bytes`,
				expected: `at most ${maxSmallFileBytes} in a file that is copied along`,
			});
	}

	const partial = `${target}.partial`;
	const opened: number[] = [];
	const open = (path: string, flags: string): number => {
		const file = openSync(path, flags);
		opened.push(file);
		return file;
	};
	let written = false;
	try {
		const sources = files.map(({ name }) => fileSource(() => open(join(source, name), 'r'), name));
		let made: number[] | undefined;
		const targetFiles = (): number[] => {
			if (made === undefined) {
				rmSync(partial, { recursive: true, force: true });
				mkdirSync(partial, { recursive: true });
				written = true;
				made = plan.targetHeaders.map(({ name, header }) => {
					const file = open(join(partial, name), 'w+');
					// The last byte, so that padding which nobody writes is there as zeros.
					if (header.fileBytes > 0) writeSync(file, new Uint8Array(1), 0, 1, header.fileBytes - 1);
					return file;
				});
			}
			return made;
		};
		const targets = plan.targetHeaders.map(
			(_, i): ByteTarget => ({ write: (offset, bytes) => writeAll(targetFiles()[i] as number, bytes, offset) }),
		);
		const readBack = plan.targetHeaders.map(({ name }, i) => fileSource(() => targetFiles()[i] as number, name));
		const result = await reshape(plan, {
			sources,
			targets,
			written: readBack,
			hash: sha256,
			pause,
			...(options.onProgress !== undefined && { onProgress: options.onProgress }),
		});
		writeFileSync(join(partial, 'layout.json'), options.layoutText);
		writeFileSync(join(partial, 'manifest.json'), `${JSON.stringify({ tensors: result.manifest }, null, '\t')}\n`);
		for (const name of small) copyFileSync(join(source, name), join(partial, name));
		for (const file of opened.splice(0)) closeSync(file);
		renameSync(partial, target);
		written = false;
		return result;
	} finally {
		for (const file of opened) closeSync(file);
		if (written) rmSync(partial, { recursive: true, force: true });
	}
}

function fileSource(open: () => number, name: string): ByteSource {
	let file: number | undefined;
	return {
		read(offset, into) {
			file ??= open();
			for (let done = 0; done < into.length; ) {
				const read = readSync(file, into, done, into.length - done, offset + done);
				if (read === 0)
					throw new InputError({ path: [name], found: 'a file that became shorter', expected: 'a file that nobody writes to' });
				done += read;
			}
		},
	};
}

function writeAll(file: number, bytes: Uint8Array, offset: number): void {
	for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done, bytes.length - done, offset + done);
}
