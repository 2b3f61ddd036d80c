/** From the inputs to what the modes share: model, cluster, rates, network, failures, saves. */
import { InputError, type RunContext } from '@assay/contract';
import { type Cluster, clusterTotals, type ProtocolLine, readMachine } from '@assay/machines';
import { resolveModel, type TransformerModel } from '@assay/models';
import { isZayaConfig, readZayaConfig, type ZayaConfig, zaya1 } from './architecture/zaya-config.ts';
import { type DeviceRates, deviceRates } from './device/device-rates.ts';
import { clusterMtbfHours, type FailureClass, failurePreset } from './failures/failure-classes.ts';
import { type EstimatedClass, estimateClasses, readFailureLog } from './failures/failure-log.ts';
import type { Inputs } from './inputs.ts';
import { type ClusterNetwork, clusterNetwork } from './network/cluster-network.ts';
import { type CollectiveLog, readCollectiveLog } from './network/collective-log.ts';
import { type LinkMatrix, linkMatrixFromRows, readLinkMatrix } from './network/link-matrix.ts';
import { type CollectiveFit, fitCollective } from './network/protocol-fit.ts';
import {
	measuredNodeRanks,
	measuredNodeSource,
	publishedAllReduce,
	publishedLinkGigabytes,
} from './network/published-measurements.ts';
import { type SizedModel, sizedTransformer, sizedZaya } from './sizing/sized-model.ts';
import type { SearchModel } from './sizing/width-search.ts';

/** A model in the two forms that modes need. */
export interface PreparedModel {
	readonly sized: SizedModel;
	readonly shape: SearchModel;
	readonly zaya: ZayaConfig | undefined;
	readonly transformer: TransformerModel | undefined;
}

const maxConfigBytes = 1 << 20;
const presetNodeDevices = 8;
const maxLogBytes = 16 << 20;

export async function prepareModel(inputs: Inputs, context: Pick<RunContext, 'open'>): Promise<PreparedModel> {
	const { name, config } = inputs.model;
	if (config === undefined && name.trim().toLowerCase() === 'zaya1') return zayaModel(zaya1, 'zaya1');
	if (config === undefined) return transformerModel(resolveModel(name, ['model', 'name']));
	const file = await context.open(config);
	const json = parseJson(await file.text(maxConfigBytes), file.name);
	return isZayaConfig(json)
		? zayaModel(readZayaConfig(json, file.name), file.name)
		: transformerModel(resolveModel(json, [file.name]));
}

function zayaModel(config: ZayaConfig, name: string): PreparedModel {
	return { sized: sizedZaya(config, name), shape: { kind: 'zaya', config }, zaya: config, transformer: undefined };
}

function transformerModel(model: TransformerModel): PreparedModel {
	if (!model.causal)
		throw new InputError({
			path: ['model', 'name'],
			found: `${model.name}, an encoder`,
			expected: 'a model that generates tokens',
		});
	return { sized: sizedTransformer(model), shape: { kind: 'transformer', model }, zaya: undefined, transformer: model };
}

/** JSON from text, or an `InputError` that names the file. */
export function parseJson(text: string, fileName: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new InputError({
			path: [fileName],
			found: error instanceof Error ? error.message.slice(0, 100) : 'no JSON',
			expected: 'JSON',
		});
	}
}

export interface PreparedCluster {
	readonly cluster: Cluster;
	readonly devices: number;
	readonly rates: DeviceRates;
	readonly watts: number | null;
	readonly wattsFrom: string;
	readonly dollarsPerHour: number | null;
}

export async function prepareCluster(inputs: Inputs, context: Pick<RunContext, 'open'>): Promise<PreparedCluster> {
	const cluster = await readMachine(inputs.machine, context);
	const totals = clusterTotals(cluster);
	const { devices } = totals;
	const rent = inputs.dollarsPerDeviceHour ?? cluster.device.rentDollarsPerHour;
	const own = inputs.wattsPerDevice;
	return {
		cluster,
		devices,
		rates: deviceRates(cluster.device, inputs.device.format, inputs.device),
		watts: own !== undefined ? own * devices : (totals.nodePowerWatts ?? totals.devicePowerWatts),
		wattsFrom:
			own !== undefined
				? 'your figure'
				: totals.nodePowerWatts !== null
					? 'rating of the nodes'
					: 'design power of the devices alone',
		dollarsPerHour: rent === undefined ? null : rent * devices,
	};
}

/** Measured curves: the user's log, or the published one where the nodes are of that kind. */
export interface PreparedCurve {
	readonly fit: CollectiveFit;
	readonly log: CollectiveLog | undefined;
	readonly from: string;
}

export async function prepareCurve(inputs: Inputs, cluster: Cluster, context: RunContext): Promise<PreparedCurve | undefined> {
	const { log: reference, lines, placement } = inputs.network;
	const random = context.random.fork('bootstrap');
	if (reference === undefined) {
		if (!isMeasuredNode(cluster)) return undefined;
		const fit = fitCollective(publishedAllReduce(placement), {
			collective: 'all-reduce',
			ranks: measuredNodeRanks,
			lines,
			random,
		});
		return { fit, log: undefined, from: measuredNodeSource };
	}
	const file = await context.open(reference);
	const log = readCollectiveLog(await file.text(maxLogBytes), file.name);
	const collective = log.collective ?? inputs.network.collective;
	const ranks = inputs.network.ranks ?? log.ranks ?? cluster.devicesPerNode;
	if (ranks < 2)
		throw new InputError({
			path: ['network', 'ranks'],
			found: String(ranks),
			expected: `the ranks of ${file.name}, at least 2: the log does not tell`,
		});
	const rows = log.rows.filter((row) => row.placement === placement);
	const sizes = new Set(rows.map(({ bytes }) => bytes)).size;
	if (sizes < 2 * lines)
		throw new InputError({
			path: [file.name],
			found: `${sizes} sizes ${placement}`,
			expected: `at least ${2 * lines} for ${lines} lines (network.lines, network.placement)`,
		});
	try {
		return { fit: fitCollective(rows, { collective, ranks, lines, random }), log, from: file.name };
	} catch (error) {
		if (!(error instanceof RangeError)) throw error;
		throw new InputError({ path: [file.name], found: error.message, expected: 'fewer lines (network.lines), or more sizes' });
	}
}

/** A matrix of links: the user's, or the published one. */
export async function prepareMatrix(
	inputs: Inputs,
	cluster: Cluster,
	context: Pick<RunContext, 'open'>,
): Promise<{ readonly matrix: LinkMatrix; readonly from: string } | undefined> {
	if (inputs.network.matrix === undefined) {
		return isMeasuredNode(cluster) ? { matrix: linkMatrixFromRows(publishedLinkGigabytes), from: measuredNodeSource } : undefined;
	}
	const file = await context.open(inputs.network.matrix);
	return { matrix: readLinkMatrix(await file.text(maxLogBytes), file.name), from: file.name };
}

const isMeasuredNode = (cluster: Cluster): boolean =>
	cluster.device.name === 'mi300x' && cluster.devicesPerNode === measuredNodeRanks;

/** The network of a run. */
export async function prepareNetwork(inputs: Inputs, cluster: Cluster, context: RunContext): Promise<ClusterNetwork> {
	const curve = await prepareCurve(inputs, cluster, context);
	const usable = { node: inputs.network.nodeShare, network: inputs.network.networkShare };
	const lines: readonly ProtocolLine[] | undefined = curve?.fit.curve.lines;
	if (inputs.network.log !== undefined) return clusterNetwork(cluster, usable, { nodeLines: lines });
	if (inputs.network.matrix !== undefined) {
		return clusterNetwork(cluster, usable, { matrix: (await prepareMatrix(inputs, cluster, context))?.matrix });
	}
	if (lines === undefined) return clusterNetwork(cluster, usable);
	return clusterNetwork(cluster, usable, { publishedLines: { lines, from: `fitted to ${measuredNodeSource}` } });
}

export interface PreparedFailures {
	readonly classes: readonly FailureClass[];
	readonly logged: readonly EstimatedClass[] | undefined;
	readonly from: string;
	/** Of the whole cluster; infinite where nothing stops the job. */
	readonly mtbfHours: number;
}

export async function prepareFailures(
	inputs: Inputs,
	cluster: Cluster,
	context: Pick<RunContext, 'open'>,
): Promise<PreparedFailures> {
	const { failures } = inputs;
	const template = { effect: 'stop', replaceNode: true, localShare: 0.8, slowdown: 1, lastsHours: 0 } as const;
	let classes: readonly FailureClass[];
	let logged: readonly EstimatedClass[] | undefined;
	let from: string;
	if (failures.log !== undefined) {
		const file = await context.open(failures.log);
		logged = estimateClasses(
			readFailureLog(await file.text(maxLogBytes), file.name),
			failures.logNodes ?? cluster.nodes,
			template,
		);
		classes = logged.map(({ estimate }) => estimate);
		from = file.name;
	} else if (failures.nodeMtbfHours !== undefined) {
		classes = [{ ...template, name: 'any', nodeMtbfHours: failures.nodeMtbfHours, weibullShape: failures.weibullShape }];
		from = 'your MTBF';
	} else {
		const preset = failurePreset(failures.preset);
		// The presets are about nodes of eight devices.
		const size = cluster.devicesPerNode / presetNodeDevices;
		classes = preset.classes.map((one) => ({
			...one,
			nodeMtbfHours: one.nodeMtbfHours / size,
			weibullShape: failures.weibullShape,
		}));
		from = size === 1 ? preset.says : `${preset.says}, per device`;
	}
	if (failures.slowMtbfHours !== undefined) {
		const slow: FailureClass = {
			...template,
			name: 'slow node',
			effect: 'slow',
			nodeMtbfHours: failures.slowMtbfHours,
			weibullShape: failures.weibullShape,
			slowdown: failures.slowdown,
			lastsHours: failures.slowHours,
		};
		classes = [...classes, slow];
	}
	return { classes, logged, from, mtbfHours: clusterMtbfHours(classes, cluster.nodes) };
}
