/** The link between host and device, and the host's speed at updating weights. */
import type { Cluster } from '@assay/machines';
import type { Inputs } from '../inputs.ts';
import type { Link } from '../schedule/units.ts';

/** PCIe 4.0 with sixteen lanes as usually reached; taken where nothing is known. */
const USUAL_LINK = 25e9;
const LINK_SHARE = 0.8;
/** Half of a desktop's two channels. */
const USUAL_HOST_UPDATE = 50e9;
/** Reads of master weights, two moments and a 16-bit gradient, and writes of all but the gradient, with 16-bit weights: 14 + 14 bytes. */
const UPDATE_BYTES_PER_PARAMETER = 28;

export interface PlanLink extends Link {
	readonly known: boolean;
}

export function planLink({ link }: Inputs, cluster: Cluster): PlanLink {
	const listed =
		cluster.host?.deviceLinkBytesPerSecond ?? cluster.device.links.find(({ kind }) => kind === 'pcie')?.bandwidthBytesPerSecond;
	const own = link.gigabytesPerSecond === undefined ? undefined : 1e9 * link.gigabytesPerSecond;
	const pinned = own ?? (listed == null ? USUAL_LINK : LINK_SHARE * listed);
	const rate = link.hostMemory === 'pageable' ? pinned / 2 : pinned;
	return {
		latencySeconds: 1e-6 * link.latencyMicroseconds,
		inBytesPerSecond: rate,
		outBytesPerSecond: rate,
		known: own !== undefined || listed != null,
	};
}

/** Time of the host's update of so many parameters. */
export function hostUpdateSeconds(parameters: number, { rates }: Inputs, cluster: Cluster): number {
	const own = rates.hostUpdateGigabytesPerSecond;
	const known = cluster.host?.memoryBandwidthBytesPerSecond;
	const rate = own !== undefined ? 1e9 * own : known == null ? USUAL_HOST_UPDATE : known / 2;
	return (UPDATE_BYTES_PER_PARAMETER * parameters) / rate;
}
