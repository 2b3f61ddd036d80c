/** Data references: from what a user writes (a source's name or a path) to what a run keeps (a source's name or a blob). */
import { basename, resolve } from 'node:path';
import { type DataFile, describeFields, InputError, nearestName, type Path, type System, show } from '@assay/contract';
import { findSource, isSourceName, openFile, openSource, sources } from '@assay/sources';
import { type BlobStore, isBlobReference } from './blobs.ts';

/**
 * Copies every local file that the inputs name into the blob store and returns the inputs with the references replaced.
 * Paths start at `folder`; null refuses them all: inputs that came over a network must not name this machine's files.
 */
export async function keepReferencedFiles(
	system: System,
	inputs: unknown,
	blobs: BlobStore,
	folder: string | null,
): Promise<unknown> {
	let result = inputs;
	for (const pattern of dataFields(system)) {
		result = await replaceAt(result, pattern, [], async (reference, path) => {
			if (isSourceName(reference) || isBlobReference(reference)) return reference;
			if (folder === null) {
				const names = sources.map((source) => source.name);
				const expected = 'an uploaded file, or the name of a source';
				throw new InputError({ path, found: show(reference), expected, nearest: nearestName(reference, names) });
			}
			const file = resolve(folder, reference);
			try {
				await openFile(file);
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
				throw new InputError({
					path,
					found: `${show(reference)} (${error.found})`,
					expected: 'a readable file, or the name of a source (see `assay data list`)',
					nearest: nearestName(
						reference,
						sources.map((source) => source.name),
					),
				});
			}
			return `blob:${await blobs.keepFile(file)}/${basename(file)}`;
		});
	}
	return result;
}

const known = new WeakMap<System, readonly (readonly string[])[]>();

/** Paths of the inputs that name data. Asked for each run of a sweep, and told by the system alone. */
function dataFields(system: System): readonly (readonly string[])[] {
	let paths = known.get(system);
	if (paths === undefined) {
		paths = describeFields(system.inputs).flatMap((field) => (field.kind === 'data' ? [field.path] : []));
		known.set(system, paths);
	}
	return paths;
}

async function replaceAt(
	value: unknown,
	pattern: readonly string[],
	path: Path,
	replace: (reference: string, path: Path) => Promise<string>,
): Promise<unknown> {
	const [step, ...rest] = pattern;
	if (step === undefined) return typeof value === 'string' ? replace(value, path) : value;
	if (Array.isArray(value)) {
		if (step !== '*') return value;
		return Promise.all(value.map((element, index) => replaceAt(element, rest, [...path, index], replace)));
	}
	if (typeof value !== 'object' || value === null) return value;
	const copy: Record<string, unknown> = { ...value };
	for (const key of step === '*' ? Object.keys(copy) : [step]) {
		if (Object.hasOwn(copy, key)) copy[key] = await replaceAt(copy[key], rest, [...path, key], replace);
	}
	return copy;
}

/** Opens a reference as a run's context does. */
export async function openReference(reference: string, blobs: BlobStore, signal?: AbortSignal): Promise<DataFile> {
	if (isBlobReference(reference)) return blobs.open(reference);
	return openSource(findSource(reference), signal === undefined ? {} : { signal });
}
