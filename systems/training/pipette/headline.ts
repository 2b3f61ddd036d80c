/** The answer in a sentence. */
import type { Cluster } from '@assay/machines';
import type { Outputs, RankedOutput } from './outputs.ts';
import type { TrainingJob } from './training-job.ts';

/** What the answer is made of. */
export interface HeadlineFacts {
	readonly job: TrainingJob;
	readonly cluster: Cluster;
	readonly ranked: readonly RankedOutput[];
	readonly rivals: Outputs['rivals'];
	readonly leanest: Outputs['leanest'];
	readonly settings: number;
	readonly limitBytes: number;
}

/** One line for lists and reports. */
export function headlineOf({ job, cluster, ranked, rivals, leanest, settings, limitBytes }: HeadlineFacts): string {
	const where = `${job.model.name} on ${cluster.name}`;
	const best = ranked[0];
	if (best === undefined) {
		if (leanest === null) return `No setting of ${where} divides layers, heads, nodes and batch at once.`;
		return `None of ${settings} settings of ${where} fits: the leanest (${leanest.label}) needs ${gibibytes(leanest.neededBytes)}, ${gibibytes(leanest.missingBytes)} more than the limit of ${gibibytes(limitBytes)}.`;
	}
	const rule = rivals[0]?.choice ?? null;
	const against =
		rule === null
			? 'The rule of thumb finds nothing that fits.'
			: `The rule of thumb (${rule.label}) takes ${ratio(rule.time.totalSeconds / best.time.totalSeconds)} as long.`;
	return `${where} trains fastest with ${best.label}: ${seconds(best.time.totalSeconds)} an iteration, ${(100 * best.modelFlopsUtilisation).toFixed(0)} % of peak, ${gibibytes(best.neededBytes)} a device. ${against}`;
}

const seconds = (value: number): string => (value >= 1 ? `${value.toPrecision(4)} s` : `${(1000 * value).toPrecision(4)} ms`);
const ratio = (value: number): string => `${value.toFixed(2)} times`;

/** Bytes as people say them. */
export function gibibytes(bytes: number): string {
	return `${(bytes / 2 ** 30).toFixed(1)} GiB`;
}
