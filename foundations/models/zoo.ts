/** Known models by name, and the one door through which a user's reference to a model becomes a description. */
import { InputError, nearestName, type Path, show } from '@assay/contract';
import { readHuggingFaceConfig } from './hugging-face.ts';
import { parseTransformerModel, type TransformerModel } from './transformer.ts';
import { type ZooEntry, zooEntries } from './zoo-entries.ts';

const byName: ReadonlyMap<string, ZooEntry> = new Map(
	zooEntries.flatMap((entry) => [entry.name, ...(entry.aliases ?? [])].map((name) => [name.toLowerCase(), entry])),
);

/** All known models: name, aliases, source and published count; no description is built. */
export function listModels(): readonly ZooEntry[] {
	return zooEntries;
}

/** A known model by name or alias, ignoring case. Raises an `InputError` at `place` with the nearest name. */
export function findModel(name: string, place: Path = ['model']): TransformerModel {
	const entry = byName.get(name.trim().toLowerCase());
	if (entry === undefined) {
		throw new InputError({
			path: place,
			found: show(name),
			expected: 'the name of a known model, a Hugging Face config.json or a model description',
			nearest: nearestName(name, byName.keys()),
		});
	}
	return { ...readHuggingFaceConfig(entry.config, entry.name), source: entry.source };
}

/**
 * Any reference to a model: a known name, the content of a `config.json` (it has `model_type`), or a description as in
 * {@link TransformerModel}. Raises an `InputError` under `place`.
 */
export function resolveModel(reference: unknown, place: Path = ['model']): TransformerModel {
	if (typeof reference === 'string') return findModel(reference, place);
	if (typeof reference !== 'object' || reference === null || Array.isArray(reference)) {
		throw new InputError({
			path: place,
			found: show(reference),
			expected: 'the name of a known model, a Hugging Face config.json or a model description',
		});
	}
	return 'model_type' in reference ? readHuggingFaceConfig(reference) : parseTransformerModel(reference, place);
}
