/** All known sources. Each topic has a file of its own; a new source is one more entry there. */
import { InputError, nearestName, show } from '@assay/contract';
import { detectorTriggers } from './registry/detector-triggers.ts';
import { gpuCollectives } from './registry/gpu-collectives.ts';
import { languageModelTraces } from './registry/language-model-traces.ts';
import type { Source } from './source.ts';

export const sources: readonly Source[] = [...languageModelTraces, ...detectorTriggers, ...gpuCollectives];

/** Whether a data reference is the name of a known source. */
export function isSourceName(reference: string): boolean {
	return sources.some((source) => source.name === reference);
}

/** The source of that name, or an InputError with the nearest one. */
export function findSource(name: string): Source {
	const found = sources.find((source) => source.name === name);
	if (found !== undefined) return found;
	const names = sources.map((source) => source.name);
	throw new InputError({
		path: ['data', name],
		found: show(name),
		expected: 'the name of a source (see `assay data list`)',
		nearest: nearestName(name, names),
	});
}
