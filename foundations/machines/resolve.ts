/** The one door through which a user's reference to a machine becomes a cluster. */
import { InputError, nearestName, type Path, parseOrExplain, show } from '@assay/contract';
import { knownDevices } from './catalog/index.ts';
import {
	type Cluster,
	type ClusterDescription,
	type ClusterLink,
	clusterDescriptionSchema,
	linkLatencySeconds,
} from './cluster.ts';
import { type Device, type LinkKind, parseDevice } from './device.ts';
import type { Host, HostDescription } from './host.ts';
import { presets } from './presets.ts';

/** Devices in a node where the device is not known to come in nodes of another size. */
const USUAL_NODE_DEVICES = 8;
/** Most devices or nodes that a reference may ask for. */
const MAX_COUNT = 1_000_000;
/** Between nodes where nothing else is said: a port of 400 Gb/s InfiniBand per device. */
const USUAL_NETWORK = { kind: 'infiniband', bandwidthBytesPerSecond: 50e9 } as const;

const EXPECTED = 'a device (h100), a number of them (8xh100), a cluster (dgx-h100, 4xdgx-h100) or a description';

/** Machines of the user's own. */
export interface OwnMachines {
	readonly devices: readonly Device[];
	readonly clusters: readonly ClusterDescription[];
}

/** Machines to choose from. */
export interface Catalogue {
	/** The user's devices first, then the known ones. */
	listDevices(): readonly Device[];
	/** The user's clusters first, then the presets. */
	listClusters(): readonly ClusterDescription[];
	/** A device by name or alias, ignoring case. Raises an `InputError` at `place` with the nearest name. */
	findDevice(name: string, place?: Path): Device;
	/**
	 * Any reference to a machine, names ignoring case:
	 *
	 * - `h100`: one device;
	 * - `8xh100`: so many devices in one node, or, beyond the size of the node the device comes in (8 where it comes in none),
	 *   in as many full nodes as it takes;
	 * - `dgx-h100`, `4xdgx-h100`: a cluster of the user's or a preset, or so many times its nodes;
	 * - a cluster's description as in a machine file, its device by name or spelt out; or a device's description.
	 *
	 * Raises an `InputError` under `place`.
	 */
	resolveMachine(reference: unknown, place?: Path): Cluster;
}

/** The known machines with the user's own beside them. A name of the user's hides the same name among the known. */
export function catalogueWith(own: OwnMachines): Catalogue {
	const devices = [...own.devices, ...knownDevices];
	const clusters: readonly ClusterDescription[] = [...own.clusters, ...presets];
	const devicesByName = indexByName(devices);
	const clustersByName = indexByName(clusters);

	const findDevice = (name: string, place: Path = ['machine']): Device => {
		const device = devicesByName.get(normal(name));
		if (device !== undefined) return device;
		throw new InputError({
			path: place,
			found: show(name),
			expected: 'the name of a device',
			nearest: nearestName(name, devicesByName.keys()),
		});
	};

	const build = (description: ClusterDescription, place: Path): Cluster => {
		const device =
			typeof description.device === 'string' ? findDevice(description.device, [...place, 'device']) : description.device;
		const { nodes, devicesPerNode } = description;
		const node = clusters.find((cluster) => cluster.device === device.name && cluster.devicesPerNode > 1);
		const ownLink = device.links[0];
		const sameNode = clusters.find(
			(cluster) => cluster.device === device.name && cluster.devicesPerNode === devicesPerNode && cluster.host !== undefined,
		);
		return {
			name: description.name ?? nameOf(nodes * devicesPerNode, device.name),
			device,
			nodes,
			devicesPerNode,
			intraNode: devicesPerNode === 1 ? null : fillLink(description.intraNode ?? node?.intraNode ?? ownLink),
			interNode: nodes === 1 ? null : fillLink(description.interNode ?? node?.interNode ?? USUAL_NETWORK),
			nodePowerWatts: description.nodePowerWatts ?? null,
			host: fillHost(description.host ?? sameNode?.host, device),
		};
	};

	const resolveName = (written: string, place: Path): Cluster => {
		const counted = /^\s*(\d+)\s*x\s*(.+)$/is.exec(written);
		const name = counted?.[2] ?? written;
		const count = counted === null ? 1 : Number(counted[1]);
		if (!(count >= 1 && count <= MAX_COUNT)) {
			throw new InputError({ path: place, found: show(written), expected: `a number from 1 to ${MAX_COUNT} before the x` });
		}
		const preset = clustersByName.get(normal(name));
		if (preset !== undefined) {
			const nodes = preset.nodes * count;
			if (nodes > MAX_COUNT) {
				throw new InputError({ path: place, found: show(written), expected: `at most ${MAX_COUNT} nodes` });
			}
			const presetName = preset.name ?? name;
			return build({ ...preset, name: nameOf(count, presetName), nodes }, place);
		}
		const device = devicesByName.get(normal(name));
		if (device === undefined) {
			throw new InputError({
				path: place,
				found: show(written),
				expected: EXPECTED,
				nearest: nearestWithCount(name, counted?.[1]),
			});
		}
		const node = clusters.find((cluster) => cluster.device === device.name && cluster.devicesPerNode > 1);
		const nodeSize = node?.devicesPerNode ?? USUAL_NODE_DEVICES;
		if (count > nodeSize && count % nodeSize !== 0) {
			throw new InputError({
				path: place,
				found: show(written),
				expected: `at most ${nodeSize} devices, or a multiple of ${nodeSize}, the size of a node`,
				nearest: nameOf(Math.round(count / nodeSize) * nodeSize, device.name),
			});
		}
		const nodes = Math.ceil(count / nodeSize);
		const devicesPerNode = count / nodes;
		const nodePowerWatts = devicesPerNode === nodeSize ? node?.nodePowerWatts : undefined;
		return build({ aliases: [], device, nodes, devicesPerNode, nodePowerWatts }, place);
	};

	const nearestWithCount = (name: string, count: string | undefined): string | undefined => {
		const nearest = nearestName(name.trim(), [...clustersByName.keys(), ...devicesByName.keys()]);
		return nearest === undefined || count === undefined ? nearest : `${count}x${nearest}`;
	};

	const resolveMachine = (reference: unknown, place: Path = ['machine']): Cluster => {
		if (typeof reference === 'string') return resolveName(reference, place);
		if (typeof reference !== 'object' || reference === null || Array.isArray(reference)) {
			throw new InputError({ path: place, found: show(reference), expected: EXPECTED });
		}
		if ('device' in reference) return build(parseOrExplain(clusterDescriptionSchema, reference, place), place);
		const device = parseDevice(reference, place);
		return build({ aliases: [], name: device.name, device, nodes: 1, devicesPerNode: 1 }, place);
	};

	return { listDevices: () => devices, listClusters: () => clusters, findDevice, resolveMachine };
}

/** A cluster as a description that resolves to it again wherever it goes, its device spelt out; its name is left to be made anew. */
export function describeCluster(cluster: Cluster): Record<string, unknown> {
	const { name: _, host, ...facts } = cluster;
	const filled = (value: object): Record<string, unknown> =>
		Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null));
	return { ...filled(facts), ...(host !== null && { host: filled(host) }) };
}

const known = catalogueWith({ devices: [], clusters: [] });

/** {@link Catalogue.resolveMachine} among the known machines. */
export const resolveMachine = known.resolveMachine;

/** {@link Catalogue.findDevice} among the known machines. */
export const findDevice = known.findDevice;

/** All known devices. */
export const listDevices = known.listDevices;

/** All presets. */
export const listClusters = known.listClusters;

function normal(name: string): string {
	return name.trim().toLowerCase();
}

function nameOf(count: number, name: string): string {
	return count === 1 ? name : `${count}x${name}`;
}

/** Names and aliases; the first of several with the same name counts. */
function indexByName<T extends { readonly name?: string | undefined; readonly aliases: readonly string[] }>(
	items: readonly T[],
): Map<string, T> {
	const index = new Map<string, T>();
	for (const item of items) {
		for (const name of item.name === undefined ? item.aliases : [item.name, ...item.aliases]) {
			if (!index.has(normal(name))) index.set(normal(name), item);
		}
	}
	return index;
}

interface LinkWithoutLatency {
	readonly kind: LinkKind;
	readonly bandwidthBytesPerSecond: number;
	readonly latencySeconds?: number | undefined;
}

function fillLink(link: LinkWithoutLatency | undefined): ClusterLink | null {
	if (link === undefined) return null;
	return {
		kind: link.kind,
		bandwidthBytesPerSecond: link.bandwidthBytesPerSecond,
		latencySeconds: link.latencySeconds ?? linkLatencySeconds(link.kind),
	};
}

function fillHost(host: HostDescription | undefined, device: Device): Host | null {
	if (host === undefined) return null;
	const pcie = device.links.find(({ kind }) => kind === 'pcie');
	return {
		processor: host.processor ?? null,
		memoryBytes: host.memoryBytes,
		memoryBandwidthBytesPerSecond: host.memoryBandwidthBytesPerSecond ?? null,
		deviceLinkBytesPerSecond: host.deviceLinkBytesPerSecond ?? pcie?.bandwidthBytesPerSecond ?? null,
		storage: host.storage,
	};
}
