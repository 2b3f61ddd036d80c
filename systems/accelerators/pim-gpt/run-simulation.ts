/** A model's tokens on a machine. */
import { InputError, type RunContext } from '@assay/contract';
import { readMachine } from '@assay/machines';
import { describeLayouts, lookClosely, nextToken, secondsOf } from './close-up.ts';
import { compare } from './comparison.ts';
import { bytesOfRows, type Hardware, memoryBytes } from './hardware/hardware.ts';
import { BURST_BYTES } from './hardware/timing.ts';
import type { Inputs } from './inputs.ts';
import { checkTiming } from './legality/check-timing.ts';
import { energyOf, machineOf } from './machine.ts';
import { longestSequence, type ModelMap, mapModel, requireRoom } from './mapping/model-map.ts';
import { describeDecoder } from './model/decoder.ts';
import { readSubjectModel } from './model/paper-models.ts';
import type { LegalityOutput, Outputs, SimulationOutput } from './outputs.ts';
import { sensitivity } from './sensitivity.ts';
import { CommandLog } from './simulation/commands.ts';
import { productTimes } from './simulation/products.ts';
import { TokenSimulation } from './simulation/token.ts';
import { exportTrace, MOST_TRACED_CHANNELS } from './trace/export-trace.ts';

/** Layers whose commands are judged one by one; all are alike. */
const JUDGED_LAYERS = 2;

export async function runSimulation(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading the model');
	const { sweep, contextTokens } = inputs;
	if (sweep.lastContext < sweep.firstContext)
		throw new InputError({
			path: ['sweep', 'lastContext'],
			found: String(sweep.lastContext),
			expected: `at least sweep.firstContext, ${sweep.firstContext}`,
		});
	const longest = Math.max(contextTokens, sweep.lastContext);
	if (inputs.memoryTokens !== undefined && inputs.memoryTokens < longest)
		throw new InputError({
			path: ['memoryTokens'],
			found: String(inputs.memoryTokens),
			expected: `room for the longest sequence of this run, ${longest}`,
			nearest: String(longest),
		});
	const model = await readSubjectModel(inputs.model, context);
	const cluster = await readMachine(inputs.machine, context);
	const decoder = describeDecoder(model);
	if (decoder.positions > 0 && longest > decoder.positions)
		context.log(
			'warning',
			`${model.name} has a table of ${decoder.positions} positions; ${longest} tokens are timed as though it went on, and could not be generated`,
		);
	const hardware = machineOf(inputs);
	const energy = energyOf(inputs, hardware);
	const options = { tokens: inputs.memoryTokens ?? longest, concatenate: inputs.hardware.concatenate };
	const map = mapModel(decoder, hardware, options);
	requireRoom(map, hardware, options);
	await context.pause();

	context.progress(0.05, `one token at a context of ${contextTokens}`);
	const closeUp = lookClosely(map, hardware, contextTokens, energy);
	await context.pause();
	const legality = judge(map, hardware, contextTokens);
	await context.pause();
	await keepTrace(map, hardware, inputs, context);

	context.progress(0.2, 'the same token on other machines');
	const points = await sensitivity(decoder, hardware, inputs, options, closeUp.token.seconds, context);
	const generation = await generate(map, hardware, inputs, energy, context);
	const { memory, timing } = hardware;
	const simulation: SimulationOutput = {
		model: { name: model.name, parameters: decoder.parameters, layers: decoder.layers },
		machine: {
			timing: timing.name,
			channels: memory.channels,
			banks: memory.banks,
			internalBytesPerSecond:
				(memory.channels * memory.banks * memory.wordsPerColumn * memory.bytesPerWord) / secondsOf(timing.ccd, hardware),
			busBytesPerSecond: (memory.channels * BURST_BYTES) / secondsOf(hardware.burst, hardware),
		},
		memory: {
			bytes: memoryBytes(memory),
			usedBytes: bytesOfRows(memory, map.rows),
			cacheBytes: bytesOfRows(memory, map.cacheRows),
			tokens: map.tokens,
			longest: longestSequence(decoder, hardware, options.concatenate),
			layouts: describeLayouts(map, hardware),
		},
		...closeUp,
		generation,
		sensitivity: points,
		comparison: compare(model, cluster, inputs.baseline, closeUp.token),
		legality,
	};
	context.progress(1, 'done');
	return { answer: answer(simulation), simulation, functional: null, replay: null };
}

/** The tokens of a sequence one after the other in one memory; those between the simulated ones are left out. */
async function generate(
	map: ModelMap,
	hardware: Hardware,
	{ sweep }: Inputs,
	energy: Parameters<typeof nextToken>[3],
	context: RunContext,
): Promise<SimulationOutput['generation']> {
	const { firstContext, lastContext } = sweep;
	const points = Math.min(sweep.points, lastContext - firstContext + 1);
	const simulation = new TokenSimulation(map, hardware);
	const curve: SimulationOutput['generation']['curve'] = [];
	for (let point = 0; point < points; point++) {
		const tokens = points === 1 ? lastContext : Math.round(firstContext + ((lastContext - firstContext) * point) / (points - 1));
		const { seconds, joules } = nextToken(simulation, tokens, hardware, energy);
		const products = productTimes(map, hardware, tokens).reduce((sum, { cycles }) => sum + cycles, 0);
		curve.push({ context: tokens, seconds, productSeconds: secondsOf(products, hardware), joules });
		context.progress(0.4 + (0.59 * point) / points, `a token at a context of ${tokens}`);
		await context.pause();
	}
	const mean = (of: (row: (typeof curve)[number]) => number): number => curve.reduce((sum, row) => sum + of(row), 0) / points;
	const meanSeconds = mean(({ seconds }) => seconds);
	return {
		firstContext,
		lastContext,
		simulated: points,
		meanSeconds,
		tokensPerSecond: 1 / meanSeconds,
		meanJoules: mean(({ joules }) => joules),
		meanProductSeconds: mean(({ productSeconds }) => productSeconds),
		curve,
	};
}

/** Judges the commands of channel 0 for a token with a few layers. */
function judge(map: ModelMap, hardware: Hardware, contextTokens: number): LegalityOutput {
	const log = new CommandLog();
	const part = { ...map, layers: map.layers.slice(0, JUDGED_LAYERS) };
	new TokenSimulation(part, hardware, (channel) => (channel === 0 ? { log } : {})).token(contextTokens);
	return describeCheck(checkTiming(log, hardware));
}

export function describeCheck({ commands, violations, first }: ReturnType<typeof checkTiming>): LegalityOutput {
	return { commands, violations, first: first.map(({ rule, cycle, says }) => `${rule} at cycle ${cycle}: ${says}`) };
}

async function keepTrace(map: ModelMap, hardware: Hardware, inputs: Inputs, context: RunContext): Promise<void> {
	if (inputs.exportTrace === 'none') return;
	if (hardware.memory.channels > MOST_TRACED_CHANNELS) {
		context.log('warning', `no trace: the AiM simulator’s masks have ${MOST_TRACED_CHANNELS} channels`);
		return;
	}
	const parts: string[] = [];
	for (const part of exportTrace(map, hardware, inputs.contextTokens, inputs.exportTrace)) {
		parts.push(part);
		await context.pause();
	}
	await context.artifact(`${inputs.exportTrace}.aim.trace`, parts.join(''), 'text/plain');
}

function answer({ model, machine, token, generation, movement }: SimulationOutput): string {
	const rate = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 4 });
	const multiplied = token.operations.filter(({ operation }) => token.products.some((one) => one.operation === operation));
	const share = multiplied.reduce((sum, one) => sum + one.share, 0);
	return `${model.name} on ${machine.channels} channels (timing: ${machine.timing}): ${rate(token.tokensPerSecond)} tokens/s and ${rate(token.joules * 1e3)} mJ a token at a context of ${token.context}, ${rate(generation.tokensPerSecond)} tokens/s on average from ${generation.firstContext} to ${generation.lastContext}; ${(100 * share).toFixed(0)} % of the time goes to products in the banks, ${rate(movement.reduction)} times fewer bytes move than the weights have.`;
}
