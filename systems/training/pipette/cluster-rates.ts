/** From a described cluster to the rates that times are computed with. */
import { type Cluster, type ClusterLink, linkLatencySeconds } from '@assay/machines';
import { ratesOf } from './compute-rates.ts';
import { ATTAINED_SHARE } from './links/generate-matrix.ts';
import type { LinkRates, MachineRates } from './stage-times.ts';
import type { Precision } from './training-job.ts';

/** Share of a link's printed bandwidth that collectives reach inside a node: 230 of 300 GB/s on eight A100 by nccl-tests. */
const INSIDE_SHARE = 0.77;
/** To start a collective: kernels, and the ranks finding each other. */
const COLLECTIVE_SECONDS = 10e-6;
/** PCIe Gen3 x16, where nothing is known of how devices of a node reach each other. */
const UNKNOWN_LINK: ClusterLink = { kind: 'pcie', bandwidthBytesPerSecond: 16e9, latencySeconds: linkLatencySeconds('pcie') };

/** What is assumed of a cluster's links because nobody said it, a sentence each. */
export function linkAssumptions({ name, intraNode, devicesPerNode }: Cluster): string[] {
	return intraNode === null && devicesPerNode > 1
		? [`nothing is known of the links inside a node of ${name}, which are taken for PCIe Gen3 x16`]
		: [];
}

/** Rates of a cluster. Raises an `InputError` where the device's peak in the precision is not known. */
export function clusterRates(cluster: Cluster, precision: Precision): MachineRates {
	const rates = (link: ClusterLink, share: number): LinkRates => ({
		hopSeconds: link.latencySeconds,
		bytesPerSecond: share * link.bandwidthBytesPerSecond,
	});
	const intraNode = rates(cluster.intraNode ?? UNKNOWN_LINK, INSIDE_SHARE);
	return {
		compute: ratesOf(cluster.device, precision),
		intraNode,
		interNode: cluster.interNode === null ? intraNode : rates(cluster.interNode, ATTAINED_SHARE),
		collectiveSeconds: COLLECTIVE_SECONDS,
	};
}
