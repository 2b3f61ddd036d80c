/** A model on a cache that computes: a step in its parts, what shares a table, and how it changes with batch, width and bandwidth. */
import type { RunContext } from '@assay/contract';
import { tokensPerDollar, unpackingTokensPerSecond, v100TokensPerSecond } from './baselines.ts';
import type { Inputs } from './inputs.ts';
import type { IntegerMatrix } from './lut/integer-product.ts';
import { type QuantisedModel, quantisedModel } from './model/quantised-model.ts';
import type { PlanOutput } from './outputs.ts';
import { drawActivations, quantiseByToken } from './patterns/activations.ts';
import { lookupsIn, type PatternCycles, type PatternTally, patternCycles, tallyPatterns } from './patterns/pattern-counts.ts';
import { readActivations } from './patterns/read-activations.ts';
import type { CacheMachine } from './plan/cache-machine.ts';
import { cyclesPerRow, LARGEST_GROUP, planWith } from './plan/choose-group.ts';
import type { Quantisation } from './plan/product-time.ts';
import { promptSeconds, type TokenTime, tokenTime } from './plan/token-time.ts';
import { accumulatorBits, layOutRows, rowsNeeded } from './sram/row-layout.ts';

const BATCHES = [1, 2, 4, 8, 16, 32, 64];
const WIDTHS = [2, 3, 4, 5, 6, 8];
const WIDTH_BATCHES = [1, 8, 32];
const BANDWIDTHS = [0.25, 0.5, 1, 2, 4, 8];
const ARRAY_SHARES = [1 / 64, 1 / 32, 1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2];
const GROUPS = [1, 2, 3, 4, 5, 6];
const MOST_BATCH = 1024;
/** Width of activations that are drawn. */
const DRAWN_WIDTH = 4096;

export function cacheMachine({ cache, processor }: Inputs): CacheMachine {
	const arrayBytes = (cache.rows * cache.lanes) / 8;
	return {
		arrays: Math.max(1, Math.floor((cache.megabytes * 2 ** 20 * cache.computing) / arrayBytes)),
		rows: cache.rows,
		lanes: cache.lanes,
		arrayHertz: cache.clock * 1e9,
		slices: cache.slices,
		dramBytesPerSecond: processor.bandwidth * 1e9,
		cores: processor.cores,
		vectorLanes: processor.vectorLanes,
		coreHertz: processor.clock * 1e9,
	};
}

export async function runPlan(inputs: Inputs, context: RunContext): Promise<{ plan: PlanOutput; answer: string }> {
	const machine = cacheMachine(inputs);
	context.progress(0, 'patterns of activations');
	const model = await quantisedModel(inputs, context);
	const activations = await activationsOf(inputs, context);
	const tallies: PatternTally[] = [];
	for (let group = 1; group <= LARGEST_GROUP; group++) {
		tallies.push(await tallyPatterns(activations, group, inputs.weights.activationBits, context.pause));
		context.progress((0.2 * group) / LARGEST_GROUP, 'patterns of activations');
	}
	const tallyOf = (group: number): PatternTally => tallies[group - 1] as PatternTally;
	const shares = new Map<string, number>();
	const shareOf = (group: number, weightBits: number): number => {
		const key = `${group} ${weightBits}`;
		const { scaleGroup } = inputs.weights;
		const found = shares.get(key) ?? shareLeft(patternCycles(tallyOf(group), { weightBits, scaleGroup }), inputs.patterns);
		shares.set(key, found);
		return found;
	};
	const quantisation: Quantisation = {
		activationBits: inputs.weights.activationBits,
		scaleGroup: inputs.weights.scaleGroup,
		scales: inputs.weights.scales,
		lookupShare: shareOf,
	};
	await context.pause();
	const { batch, context: tokens } = inputs;
	const at = (one: QuantisedModel, sequences: number, on: CacheMachine): TokenTime =>
		tokenTime(one, sequences, tokens, quantisation, on);
	const step = at(model, batch, machine);
	const weights = step.products.reduce((sum, { product }) => sum + product.times * product.depth * product.columns, 0);
	const storedBytes = step.loadSeconds * machine.dramBytesPerSecond;
	const firstBits = step.products[0]?.time.plan.shape.weightBits ?? inputs.weights.bits;
	const unpacking = unpackingTokensPerSecond(firstBits, weights, storedBytes, machine);
	const figures = (time: TokenTime, baseline: number) => ({
		tokensPerSecond: time.tokensPerSecond,
		productSeconds: time.productSeconds,
		vectorSeconds: Math.max(time.vectorSeconds, time.cacheReadSeconds),
		loadSeconds: time.loadSeconds,
		arraySeconds: time.buildSeconds + time.lookupSeconds + time.conversionSeconds,
		speedup: time.tokensPerSecond / baseline,
	});
	const batches = [];
	for (const [index, sequences] of BATCHES.entries()) {
		context.progress(0.2 + (0.3 * index) / BATCHES.length, `batch of ${sequences}`);
		await context.pause();
		batches.push({ batch: sequences, ...figures(at(model, sequences, machine), unpacking) });
	}
	const widths = [];
	for (const [index, bits] of WIDTHS.entries()) {
		context.progress(0.5 + (0.3 * index) / WIDTHS.length, `weights of ${bits} bits`);
		const uniform: QuantisedModel = { model: model.model, widthOf: () => ({ weightBits: bits, storedBits: bits + 0.5 }) };
		for (const sequences of WIDTH_BATCHES) {
			await context.pause();
			const time = at(uniform, sequences, machine);
			const baseline = unpackingTokensPerSecond(bits, weights, (weights * (bits + 0.5)) / 8, machine);
			widths.push({ bits, batch: sequences, ...figures(time, baseline) });
		}
	}
	const bandwidths = BANDWIDTHS.map((factor) => {
		const dramBytesPerSecond = factor * machine.dramBytesPerSecond;
		const faster = { ...machine, dramBytesPerSecond };
		const baseline = unpackingTokensPerSecond(firstBits, weights, storedBytes, faster);
		return { bandwidth: dramBytesPerSecond, ...figures(at(model, batch, faster), baseline) };
	});
	const arrays = ARRAY_SHARES.map((share) => Math.max(1, Math.round(share * machine.arrays))).map((count) => ({
		arrays: count,
		...figures(at(model, batch, { ...machine, arrays: count }), unpacking),
	}));
	await context.pause();
	context.progress(0.9, 'where the arrays become the limit');
	const computeBoundFrom = await firstComputeBound((sequences) => at(model, sequences, machine), context);
	const { cache: price, baseline: basePrice, gpu } = inputs.prices;
	const ours = step.tokensPerSecond;
	const baselines = [
		{ name: `${machine.cores} cores that unpack weights`, tokensPerSecond: unpacking, price: basePrice },
		{ name: 'V100 at its bandwidth', tokensPerSecond: v100TokensPerSecond(storedBytes, batch), price: gpu },
		{ name: 'V100 at its bandwidth, weights of 16 bits', tokensPerSecond: v100TokensPerSecond(2 * weights, batch), price: gpu },
	].map(({ name, tokensPerSecond, price: hourly }) => ({
		name,
		tokensPerSecond,
		tokensPerDollar: tokensPerDollar(tokensPerSecond, hourly),
		speedup: ours / tokensPerSecond,
		perDollar: tokensPerDollar(ours, price) / tokensPerDollar(tokensPerSecond, hourly),
	}));
	const plan: PlanOutput = {
		model: { name: model.model.name, weights, storedBytes },
		arrays: machine.arrays,
		step: {
			seconds: step.seconds,
			tokensPerSecond: ours,
			promptSeconds: promptSeconds(model, tokens, quantisation, machine),
			dollarsPerMillionTokens: 1e6 / tokensPerDollar(ours, price),
			loadSeconds: step.loadSeconds,
			fillSeconds: step.fillSeconds,
			buildSeconds: step.buildSeconds,
			lookupSeconds: step.lookupSeconds,
			conversionSeconds: step.conversionSeconds,
			reductionSeconds: step.reductionSeconds,
			vectorSeconds: step.vectorSeconds,
			cacheReadSeconds: step.cacheReadSeconds,
			limit: limitOf(step),
		},
		products: step.products.map(({ product, time }) => ({
			name: product.name,
			depth: product.depth,
			columns: product.columns,
			times: product.times,
			weightBits: time.plan.shape.weightBits,
			group: time.plan.shape.group,
			chunks: time.plan.chunks,
			slices: time.slices,
			arrays: time.arrays,
			seconds: time.seconds,
			loadSeconds: time.loadSeconds,
			arraySeconds: time.buildSeconds + time.lookupSeconds + time.conversionSeconds,
		})),
		rows: rowMap(step, machine),
		groups: GROUPS.map((group) => {
			const tally = tallyOf(group);
			const lookups = lookupsIn(tally);
			const cycleShare = shareOf(group, firstBits);
			const product = { weightBits: firstBits, activationBits: quantisation.activationBits, scaleGroup: quantisation.scaleGroup };
			const found = planWith(group, { ...product, tokens: batch }, machine.rows, cycleShare);
			return {
				group,
				rows: rowsNeeded({ ...product, group, tokens: 1 }),
				cyclesPerRow: found === undefined ? null : cyclesPerRow(found),
				mergedShare: tally.mergedAway / lookups,
				zeroShare: tally.zeros / lookups,
				repeatedShare: tally.repeated / lookups,
				cycleShare,
			};
		}),
		batches,
		widths,
		bandwidths,
		arrayCounts: arrays,
		computeBoundFrom,
		baselines,
	};
	context.progress(1, 'done');
	return {
		plan,
		answer: `${model.model.name} with weights of ${firstBits} bits gets ${ours.toPrecision(3)} tokens/s for ${batch} ${batch === 1 ? 'sequence' : 'sequences'}, ${(ours / unpacking).toPrecision(3)} times what ${machine.cores} cores reach that unpack weights; ${plan.step.limit} is the limit.`,
	};
}

async function activationsOf({ patterns, weights }: Inputs, context: RunContext): Promise<IntegerMatrix> {
	if (patterns.activations !== undefined) {
		const { tokens, values } = await readActivations(await context.open(patterns.activations));
		return quantiseByToken(values, tokens, weights.activationBits);
	}
	const values = drawActivations(patterns.distribution, patterns.tokens, DRAWN_WIDTH, context.random.fork('activations'));
	return quantiseByToken(values, patterns.tokens, weights.activationBits);
}

function shareLeft(cycles: PatternCycles, { mergeSigns, skipZeros }: Inputs['patterns']): number {
	if (mergeSigns) return (skipZeros ? cycles.both : cycles.merged) / cycles.full;
	return (skipZeros ? cycles.skipped : cycles.full) / cycles.full;
}

function limitOf(step: TokenTime): PlanOutput['step']['limit'] {
	if (Math.max(step.vectorSeconds, step.cacheReadSeconds) > step.productSeconds) return 'attention';
	return isComputeBound(step) ? 'arrays' : 'reading weights';
}

/** Whether most of the products' time is spent where arrays are slower than memory. */
function isComputeBound({ products, productSeconds }: TokenTime): boolean {
	let waiting = 0;
	for (const { product, time } of products) if (time.seconds > time.loadSeconds) waiting += product.times * time.seconds;
	return waiting > productSeconds / 2;
}

/** The smallest batch whose products wait for the arrays. Larger batches wait all the more. */
async function firstComputeBound(at: (batch: number) => TokenTime, context: RunContext): Promise<number | null> {
	if (!isComputeBound(at(MOST_BATCH))) return null;
	let [low, high] = [0, MOST_BATCH];
	while (high - low > 1) {
		await context.pause();
		const middle = Math.floor((low + high) / 2);
		if (isComputeBound(at(middle))) high = middle;
		else low = middle;
	}
	return high;
}

/** What the rows of an array hold while the first product runs. */
function rowMap(step: TokenTime, machine: CacheMachine): PlanOutput['rows'] {
	const shape = step.products[0]?.time.plan.shape;
	if (shape === undefined) return [];
	const { accumulators } = layOutRows(shape, machine.rows);
	const weights = shape.group * shape.weightBits;
	const table = accumulators[0] ?? rowsNeeded({ ...shape, tokens: 0 });
	const end = table + accumulators.length * accumulatorBits(shape);
	return [
		{ holds: 'weights', from: 0, to: weights },
		{ holds: 'sums of weights', from: weights, to: table },
		{ holds: 'accumulators', from: table, to: end },
		{ holds: 'free', from: end, to: machine.rows },
	].filter(({ from, to }) => to > from);
}
