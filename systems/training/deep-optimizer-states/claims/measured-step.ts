/** Steps of the paper's models on its node of four H100: logged forward and pure backward, and the update and the flush as the model predicts them. */
import { resolveMachine } from '@assay/machines';
import { describePublishedModel, findPublishedModel, sequenceTokens } from '../model/published-models.ts';
import { loggedCompute, rankParameters, ratesOf } from '../rates/node-rates.ts';
import { publishedRanks } from '../rates/published-measurements.ts';
import type { UpdateRates } from '../rates/update-rates.ts';
import { estimateCompute, scaleMeasured } from '../step/compute-time.ts';
import { deviceMemory, usableBytes } from '../step/device-memory.ts';
import { stepSeconds } from '../step/step-time.ts';
import { updateSeconds } from '../update/update-time.ts';

const h100Node = resolveMachine('4xh100');
const a100Node = resolveMachine('4xa100');

/**
 * What the logs of the 20B model show outside the three phases: whole iterations of 7,279.0 and 2,963.6 ms less 209 + 4,455 + 2,272 and
 * 257 + 848 + 1,296 ms. Nobody logged it for other models; it is taken to be the same for all.
 */
const otherSeconds = { default: 0.343, stride: 0.5626 };

/** Predicted step, s. */
export function predictStep(name: string, method: 'default' | 'stride', microBatch = 1): number {
	const published = findPublishedModel(name);
	if (published === undefined) throw new Error(`no published model ${name}`);
	const model = describePublishedModel(published);
	const work = { model, ranks: publishedRanks, microBatch, sequenceTokens, accumulation: 1 };
	const logged = loggedCompute(name, h100Node);
	const compute = logged === null ? estimateCompute(work, h100Node) : scaleMeasured(logged, work, h100Node);
	const strategy =
		method === 'default'
			? { ratio: 1, stride: null, asynchronousFlush: false }
			: { ratio: 1, stride: 2, asynchronousFlush: true };
	return stepSeconds(rankParameters(name), strategy, compute, ratesOfNode('h100'), otherSeconds[method]).total;
}

/** 1 where the 20B model with such micro-batches does not fit into the memory of the node's GPUs, 0 where it does. */
export function isOutOfMemory(microBatch: number, stride: number | null): number {
	const published = findPublishedModel('dos-20b');
	if (published === undefined) throw new Error('no model of 20B');
	const model = describePublishedModel(published);
	const work = { model, ranks: publishedRanks, microBatch, sequenceTokens, accumulation: 1 };
	const { peakBytes } = deviceMemory({ work, parameters: rankParameters('dos-20b'), ratio: 1, stride, subGroup: 1e8 });
	return peakBytes > usableBytes(h100Node.device.memory.bytes) ? 1 : 0;
}

/** Predicted updates per second, in billions of the label. */
export function predictLabelBillions(name: string, stride: number | null, node: 'h100' | 'a100' = 'h100'): number {
	const label = findPublishedModel(name)?.labelParameters ?? Number.NaN;
	return label / 1e9 / updateSeconds({ parameters: rankParameters(name), ratio: 1, stride }, ratesOfNode(node));
}

function ratesOfNode(node: 'h100' | 'a100'): UpdateRates {
	const found = ratesOf(node === 'h100' ? h100Node : a100Node);
	if (found === null) throw new Error('the published nodes have fitted rates');
	return found.rates;
}
