/**
 * The six latency models of the published code, to the letter: milliseconds, GB of 1e9 bytes, GB/s, an inflated gradient
 * size, whole rounds only. They are kept for comparison; searches use `iteration-time.ts`.
 */

/** What the published code knows of a setting. */
export interface CompatSetting {
	readonly layers: number;
	readonly hidden: number;
	readonly sequenceTokens: number;
	readonly vocabulary: number;
	readonly globalBatch: number;
	readonly microBatch: number;
	readonly pipelineParallel: number;
	readonly tensorParallel: number;
	readonly devices: number;
	readonly devicesPerNode: number;
	/** 2 for 16-bit formats, 4 for fp32. */
	readonly elementBytes: number;
	/** Weights of a layer over h²: the code takes 16 for GPT and 12 for BERT. A GPT layer has 12. */
	readonly weightsPerLayer: 12 | 16;
	/** f and w: one micro-batch on one stage. */
	readonly forwardMilliseconds: number;
	readonly backwardMilliseconds: number;
	/** GB/s between stages, between replicas inside a node, and between nodes. */
	readonly bandwidths: { readonly pipeline: number; readonly inside: number; readonly outside: number };
}

/** Degrees and counts that follow from a setting. */
export function compatDegrees(setting: CompatSetting): {
	dataParallel: number;
	microBatches: number;
	replicasInside: number;
	replicasOutside: number;
} {
	const { devices, pipelineParallel, tensorParallel, devicesPerNode, globalBatch, microBatch } = setting;
	const dataParallel = devices / (pipelineParallel * tensorParallel);
	const replicasInside = devicesPerNode / tensorParallel;
	return {
		dataParallel,
		microBatches: globalBatch / dataParallel / microBatch,
		replicasInside,
		replicasOutside: dataParallel / replicasInside,
	};
}

/** M_pp, GB: a micro-batch's activations at a stage boundary. */
export function boundaryGigabytes(setting: CompatSetting): number {
	return (setting.microBatch * setting.sequenceTokens * setting.hidden * setting.elementBytes) / 1e9;
}

/** M_dp, GB: gradients of the fullest stage on one device. */
export function gradientGigabytes(setting: CompatSetting): number {
	const { hidden, vocabulary, layers, pipelineParallel, tensorParallel, weightsPerLayer, elementBytes } = setting;
	const weights = hidden * vocabulary + (layers / pipelineParallel) * weightsPerLayer * hidden ** 2;
	return ((weights / tensorParallel) * elementBytes) / 1e9;
}

/** C_pp, ms: the round trip of a micro-batch over all stage boundaries. */
function roundTrip(setting: CompatSetting): number {
	return ((2 * (setting.pipelineParallel - 1) * boundaryGigabytes(setting)) / setting.bandwidths.pipeline) * 1000;
}

/** Model 1, AMP's: forward alone is measured and backward taken for twice it; one round trip; a flat all-reduce at the slower bandwidth. */
export function ampMilliseconds(setting: CompatSetting): number {
	const { microBatches, dataParallel } = compatDegrees(setting);
	const { pipelineParallel, forwardMilliseconds, bandwidths } = setting;
	const both = 3 * forwardMilliseconds;
	const slower = Math.min(bandwidths.inside, bandwidths.outside);
	const dataParallelCost = (((2 * (dataParallel - 1)) / dataParallel) * gradientGigabytes(setting) * 1000) / slower;
	return (microBatches - 1) * both + pipelineParallel * both + roundTrip(setting) + dataParallelCost;
}

/** The hidden critical path, with whatever the round trip and the data-parallel exchange cost. */
export function hiddenCriticalPath(setting: CompatSetting, roundTripCost: number, dataParallelCost: number): number {
	const { microBatches } = compatDegrees(setting);
	const { pipelineParallel: pp, forwardMilliseconds, backwardMilliseconds } = setting;
	const both = forwardMilliseconds + backwardMilliseconds;
	const rounds = Math.floor(microBatches / pp);
	return rounds >= 1
		? rounds * (roundTripCost + pp * both) + (pp - 1) * both + dataParallelCost
		: roundTripCost + pp * both + (microBatches - 1) * both + dataParallelCost;
}

/** Model 2: the hidden critical path with nominal bandwidths and AMP's all-reduce. */
export function interleavedMilliseconds(setting: CompatSetting): number {
	const { dataParallel } = compatDegrees(setting);
	const slower = Math.min(setting.bandwidths.inside, setting.bandwidths.outside);
	const dataParallelCost = (((2 * (dataParallel - 1)) / dataParallel) * gradientGigabytes(setting) * 1000) / slower;
	return hiddenCriticalPath(setting, roundTrip(setting), dataParallelCost);
}

/** C_dp of model 3, ms: inside the node (twice: a reduction before and a broadcast after), then between nodes. */
export function splitDataParallelMilliseconds(setting: CompatSetting): number {
	const { replicasInside: inside, replicasOutside: outside } = compatDegrees(setting);
	const gigabytes = gradientGigabytes(setting);
	const { bandwidths } = setting;
	const within = inside <= 1 ? 0 : (2 * ((2 * (inside - 1)) / inside) * gigabytes * 1000) / bandwidths.inside;
	const between = outside <= 1 ? 0 : (((2 * (outside - 1)) / outside) * gigabytes * 1000) / bandwidths.outside;
	return within + between;
}

/** Model 3: AMP's pipeline with the split data-parallel exchange. */
export function splitMilliseconds(setting: CompatSetting): number {
	const { microBatches } = compatDegrees(setting);
	const both = 3 * setting.forwardMilliseconds;
	return (
		(microBatches - 1) * both + setting.pipelineParallel * both + roundTrip(setting) + splitDataParallelMilliseconds(setting)
	);
}

/** What the placement of a setting costs on measured links (see `compatPlacementCost`), ms. */
export interface PlacementCost {
	readonly pipelineMilliseconds: number;
	readonly insideMilliseconds: number;
	readonly outsideMilliseconds: number;
}

/** Model 4: AMP's pipeline with the costs of a placement. */
export function placedMilliseconds(setting: CompatSetting, cost: PlacementCost): number {
	const { microBatches } = compatDegrees(setting);
	const both = 3 * setting.forwardMilliseconds;
	const { pipelineMilliseconds, insideMilliseconds, outsideMilliseconds } = cost;
	return (
		(microBatches - 1) * both + setting.pipelineParallel * both + pipelineMilliseconds + insideMilliseconds + outsideMilliseconds
	);
}

/** Model 5: 2 and 3 together. */
export function interleavedSplitMilliseconds(setting: CompatSetting): number {
	return hiddenCriticalPath(setting, roundTrip(setting), splitDataParallelMilliseconds(setting));
}

/** Model 6, by which Pipette ranks: 2 and 4 together. */
export function pipetteMilliseconds(setting: CompatSetting, cost: PlacementCost): number {
	return hiddenCriticalPath(setting, cost.pipelineMilliseconds, cost.insideMilliseconds + cost.outsideMilliseconds);
}

/**
 * Costs of a placement as the published code adds them up. `order` is a permutation of the nodes, read row by row: a row is a
 * pipeline, a column a stage; only the first column's ring of replicas counts. `bandwidths` is row-major, GB/s, the diagonal
 * that inside a node.
 */
export function compatPlacementCost(
	setting: CompatSetting,
	order: ArrayLike<number>,
	bandwidths: ArrayLike<number>,
): PlacementCost {
	const { replicasInside: inside, replicasOutside: outside } = compatDegrees(setting);
	const { pipelineParallel: pp } = setting;
	const nodes = order.length;
	const rows = nodes / pp;
	const latency = (from: number, to: number): number => 1 / (bandwidths[from * nodes + to] as number);
	const at = (row: number, column: number): number => order[row * pp + column] as number;
	let pipeline = 0;
	let ring = 0;
	let own = 0;
	for (let row = 0; row < rows; row++) {
		let cost = 0;
		for (let column = 0; column < pp - 1; column++) {
			cost += 2 * boundaryGigabytes(setting) * latency(at(row, column), at(row, column + 1));
		}
		pipeline = Math.max(pipeline, cost);
		if (rows > 1) ring = Math.max(ring, latency(at(row, 0), at((row + 1) % rows, 0)));
		own = Math.max(own, latency(at(row, 0), at(row, 0)));
	}
	const gigabytes = gradientGigabytes(setting);
	return {
		pipelineMilliseconds: pipeline * 1000,
		outsideMilliseconds: outside <= 1 ? 0 : ((2 * (outside - 1)) / outside) * gigabytes * ring * 1000,
		insideMilliseconds: inside <= 1 ? 0 : ((2 * (inside - 1)) / inside) * gigabytes * own * 1000,
	};
}
