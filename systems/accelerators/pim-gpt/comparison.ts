/** What a token costs elsewhere: at best by a machine's bandwidth, and as the user measured it. */
import { type Cluster, clusterTotals } from '@assay/machines';
import { decodeBytes, type TransformerModel, weightBytes } from '@assay/models';
import type { Inputs } from './inputs.ts';
import type { SimulationOutput } from './outputs.ts';

/**
 * A token of one sequence takes at least as long as its weights and cache, 16 bits a value, take to be read once from the memories they lie in; the
 * devices draw their design power meanwhile. One sequence is given as few devices as hold the weights: nobody would keep more of them busy with it.
 * No machine of so many devices is faster; most are slower by far.
 */
export function compare(
	model: TransformerModel,
	cluster: Cluster,
	baseline: Inputs['baseline'],
	{ context, seconds, joules }: Pick<SimulationOutput['token'], 'context' | 'seconds' | 'joules'>,
): SimulationOutput['comparison'] {
	const all = cluster.nodes * cluster.devicesPerNode;
	const totals = clusterTotals(cluster);
	const devices = Math.min(all, Math.max(1, Math.ceil(weightBytes(model, 'bf16') / cluster.device.memory.bytes)));
	const name = devices < all ? `${devices} ${cluster.device.name} of ${cluster.name}` : cluster.name;
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
	const rows = [row(name, 'bound from bandwidth', weightBytes(model, 'bf16') <= totals.memoryBytes, bound, watts)];
	if (baseline.tokensPerSecond !== undefined)
		rows.push(row(baseline.name, 'measured by you', true, 1 / baseline.tokensPerSecond, baseline.watts ?? null));
	return rows;
}
