/** Collectives: the fit of a log, the links of a node, and what both mean for groups of devices and for more nodes. */
import { InputError, type RunContext } from '@assay/contract';
import { busFactor, type Cluster } from '@assay/machines';
import type { Inputs } from '../inputs.ts';
import { clusterNetwork, flatRingBusBytesPerSecond, networkSeconds } from '../network/cluster-network.ts';
import { inconsistentRows } from '../network/collective-log.ts';
import { NODE_ALGORITHMS, nodeAllReduce, railsAllReduce } from '../network/collective-schedule.ts';
import { simulateMessages } from '../network/flow-simulator.ts';
import { type LinkMatrix, linkSummary, subMatrix } from '../network/link-matrix.ts';
import { curveSeconds } from '../network/protocol-fit.ts';
import { meshNode, railCluster } from '../network/topology.ts';
import type { CollectivesOutput } from '../outputs.ts';
import { type PreparedCluster, type PreparedCurve, prepareCurve, prepareMatrix } from '../prepare.ts';

const groupBytes = 2 ** 30;
const clusterBytes = 8 * 2 ** 30;

export async function runCollectives(
	inputs: Inputs,
	{ cluster }: PreparedCluster,
	context: RunContext,
): Promise<{ collectives: CollectivesOutput; recommendation: string }> {
	const curve = await prepareCurve(inputs, cluster, context);
	if (curve === undefined)
		throw new InputError({
			path: ['network', 'log'],
			found: 'nothing',
			expected: `the output of nccl-tests or rccl-tests; no measurement of ${cluster.device.name} nodes of ${cluster.devicesPerNode} is built in`,
		});
	context.progress(0.3, 'fitted');
	const links = await prepareMatrix(inputs, cluster, context);
	const matrix = links === undefined ? null : await describeMatrix(links.matrix, links.from, context);
	context.progress(0.6, 'links simulated');
	const overNodes = await clusterCurve(inputs, cluster, curve, links?.matrix, context);
	const { fit, log } = curve;
	const { collective, ranks, lines } = fit.curve;
	const best = Math.max(...lines.map(({ busBytesPerSecond }) => busBytesPerSecond)) / 1e9;
	const flagged =
		fit.outliers.length === 0 ? '' : ` ${fit.outliers.length} stray message${fit.outliers.length === 1 ? '' : 's'} left out.`;
	return {
		collectives: {
			collective,
			ranks,
			from: curve.from,
			lines: lines.map(({ latencySeconds, busBytesPerSecond }, i) => {
				const interval = fit.intervals[i];
				return {
					latencyMicroseconds: latencySeconds * 1e6,
					busGigabytesPerSecond: busBytesPerSecond / 1e9,
					latencyLow: (interval?.latencySeconds[0] ?? latencySeconds) * 1e6,
					latencyHigh: (interval?.latencySeconds[1] ?? latencySeconds) * 1e6,
					busLow: (interval?.busBytesPerSecond[0] ?? busBytesPerSecond) / 1e9,
					busHigh: (interval?.busBytesPerSecond[1] ?? busBytesPerSecond) / 1e9,
				};
			}),
			meanError: fit.meanError,
			worstError: fit.worstError,
			worstBytes: fit.worstBytes,
			outliers: fit.outliers.map(({ bytes, seconds, placement }) => ({ bytes, microseconds: seconds * 1e6, placement })),
			smallMessages: fit.curve.smallMessages.length,
			points: plotPoints(curve),
			rows: log?.rows.length ?? fit.points.length + fit.curve.smallMessages.length,
			inconsistentRows: log === undefined ? 0 : inconsistentRows(log.rows, collective, ranks).length,
			wrongValues: log?.wrongValues ?? 0,
			ignoredLines: log?.ignoredLines ?? 0,
			matrix,
			cluster: overNodes,
		},
		recommendation: `${collective} over ${ranks} ranks reaches ${best.toFixed(0)} GB/s bus bandwidth; ${lines.length} line${lines.length === 1 ? '' : 's'} predict${lines.length === 1 ? 's' : ''} it with a mean error of ${(100 * fit.meanError).toFixed(1)} % (worst ${(100 * fit.worstError).toFixed(0)} %).${flagged}`,
	};
}

const mostPoints = 400;

function plotPoints({ fit }: PreparedCurve): CollectivesOutput['points'] {
	const { curve } = fit;
	const factor = busFactor(curve.collective, curve.ranks);
	const point = (bytes: number, seconds: number, series: string) => ({
		bytes,
		microseconds: seconds * 1e6,
		busGigabytesPerSecond: (factor * bytes) / seconds / 1e9,
		series,
	});
	const measured = [
		...curve.smallMessages.map(({ bytes, seconds }) => point(bytes, seconds, 'measured')),
		...fit.points.map(({ bytes, seconds }) => point(bytes, seconds, 'measured')),
		...fit.outliers.map(({ bytes, seconds }) => point(bytes, seconds, 'left out')),
	].slice(0, mostPoints);
	const sizes = measured.map(({ bytes }) => bytes);
	const [low, high] = [Math.min(...sizes), Math.max(...sizes)];
	const model = Array.from({ length: 121 }, (_, i) => {
		const bytes = Math.max(1, low * (high / low) ** (i / 120));
		return point(bytes, curveSeconds(curve, bytes), 'model');
	});
	return [...measured, ...model];
}

async function describeMatrix(
	matrix: LinkMatrix,
	from: string,
	context: RunContext,
): Promise<NonNullable<CollectivesOutput['matrix']>> {
	const { slowestBytesPerSecond, medianBytesPerSecond, slowLinks } = linkSummary(matrix);
	const groups: NonNullable<CollectivesOutput['matrix']>['groups'] = [];
	const sizes = [2, 3, 4, 5, 6, 7, 8, 16, 32, 64].filter((size) => size < matrix.names.length);
	for (const devices of [...sizes, matrix.names.length]) {
		const part = subMatrix(matrix, devices);
		const rule = ((devices - 1) * linkSummary(part).slowestBytesPerSecond) / 1e9;
		for (const algorithm of NODE_ALGORITHMS) {
			const messages = nodeAllReduce(algorithm, devices, groupBytes);
			const { makespanSeconds } = await simulateMessages(meshNode(part, 0.6e-6), messages, context.pause);
			groups.push({
				devices,
				rule,
				algorithm,
				busGigabytesPerSecond: (busFactor('all-reduce', devices) * groupBytes) / makespanSeconds / 1e9,
			});
			await context.pause();
		}
	}
	return {
		from,
		slowestGigabytesPerSecond: slowestBytesPerSecond / 1e9,
		medianGigabytesPerSecond: medianBytesPerSecond / 1e9,
		slowLinks: slowLinks.map(({ from: a, to: b }) => `${matrix.names[a]} to ${matrix.names[b]}`),
		cells: matrix.bytesPerSecond.flatMap((row, a) =>
			Array.from(row, (value, b) => ({
				source: matrix.names[a] ?? '',
				target: matrix.names[b] ?? '',
				gigabytesPerSecond: Number.isNaN(value) ? null : value / 1e9,
			})),
		),
		groups,
	};
}

/** Bus bandwidth of a large all-reduce over more and more nodes: closed forms, and messages simulated on up to four. */
async function clusterCurve(
	inputs: Inputs,
	cluster: Cluster,
	curve: PreparedCurve,
	matrix: LinkMatrix | undefined,
	context: RunContext,
): Promise<CollectivesOutput['cluster']> {
	if (cluster.interNode === null || cluster.devicesPerNode === 1) return [];
	const usable = { node: inputs.network.nodeShare, network: inputs.network.networkShare };
	const rows: CollectivesOutput['cluster'] = [];
	for (let nodes = 2; nodes <= cluster.nodes; nodes *= 2) {
		const network = clusterNetwork({ ...cluster, nodes }, usable, { nodeLines: curve.fit.curve.lines });
		const ranks = nodes * cluster.devicesPerNode;
		const factor = busFactor('all-reduce', ranks) * clusterBytes;
		const add = (form: string, busBytesPerSecond: number): void => {
			rows.push({ nodes, form, busGigabytesPerSecond: busBytesPerSecond / 1e9 });
		};
		add('closed form, steps overlap', factor / networkSeconds(network, 'all-reduce', clusterBytes, ranks));
		add('flat ring, at most', flatRingBusBytesPerSecond(network));
		if (nodes <= 4 && matrix !== undefined && matrix.names.length === cluster.devicesPerNode && cluster.devicesPerNode <= 8) {
			const rails = railCluster({
				nodes,
				matrix,
				latencySeconds: 0.6e-6,
				networkBytesPerSecond: usable.network * cluster.interNode.bandwidthBytesPerSecond,
				networkLatencySeconds: cluster.interNode.latencySeconds,
			});
			for (const [form, chunks] of [
				['simulated, steps overlap', 16],
				['simulated, one step after the other', 1],
			] as const) {
				const messages = railsAllReduce(nodes, cluster.devicesPerNode, clusterBytes, chunks);
				add(form, factor / (await simulateMessages(rails, messages, context.pause)).makespanSeconds);
			}
		}
	}
	return rows;
}
