/** What a token costs elsewhere: at best by a machine's bandwidth, and as the user measured it. */
import { type Cluster, clusterTotals } from '@assay/machines';
import { decodeBytes, type TransformerModel, weightBytes } from '@assay/models';
import type { Inputs } from './inputs.ts';
import type { SimulationOutput } from './outputs.ts';

/**
 * A token of one sequence takes at least as long as its weights and cache, 16 bits a value, take to be read once from all devices' memories; the
 * devices draw their design power meanwhile. No machine is faster; most are slower by far.
 */
export function compare(
	model: TransformerModel,
	cluster: Cluster,
	baseline: Inputs['baseline'],
	{ context, seconds, joules }: Pick<SimulationOutput['token'], 'context' | 'seconds' | 'joules'>,
): SimulationOutput['comparison'] {
	const devices = cluster.nodes * cluster.devicesPerNode;
	const totals = clusterTotals(cluster);
	const bound =
		decodeBytes(model, context, 1, 'bf16', 'bf16').totalBytes / (devices * cluster.device.memory.bandwidthBytesPerSecond);
	const watts = cluster.device.tdpWatts === undefined ? null : devices * cluster.device.tdpWatts;
	const row = (
		against: string,
		basis: SimulationOutput['comparison'][number]['basis'],
		fits: boolean,
		theirs: number,
		power: number | null,
	): SimulationOutput['comparison'][number] => ({
		against,
		basis,
		fits,
		seconds: theirs,
		speedup: theirs / seconds,
		joules: power === null ? null : power * theirs,
		energyRatio: power === null ? null : (power * theirs) / joules,
	});
	const rows = [row(cluster.name, 'bound from bandwidth', weightBytes(model, 'bf16') <= totals.memoryBytes, bound, watts)];
	if (baseline.tokensPerSecond !== undefined)
		rows.push(row(baseline.name, 'measured by you', true, 1 / baseline.tokensPerSecond, baseline.watts ?? null));
	return rows;
}
