/** The time of a trace of the AiM simulator. */
import { InputError, type RunContext } from '@assay/contract';
import { secondsOf } from './close-up.ts';
import { energyParts, spentEnergy } from './energy/energy.ts';
import type { Inputs } from './inputs.ts';
import { checkTiming } from './legality/check-timing.ts';
import { energyOf, machineOf } from './machine.ts';
import type { Outputs, ReplayOutput } from './outputs.ts';
import { describeCheck } from './run-simulation.ts';
import { CommandLog } from './simulation/commands.ts';
import { sumCounts } from './simulation/token.ts';
import { MOST_TRACE_BYTES, parseTrace, type TraceInstruction } from './trace/parse-trace.ts';
import { replayTrace } from './trace/replay-trace.ts';

/** Instructions from the start of the trace whose commands are judged. */
const JUDGED_INSTRUCTIONS = 2000;

export async function runReplay(inputs: Inputs, context: RunContext): Promise<Outputs> {
	if (inputs.trace === undefined)
		throw new InputError({
			path: ['trace'],
			found: 'nothing',
			expected: 'a trace of the AiM simulator, which mode replay-trace needs',
		});
	context.progress(0, 'reading the trace');
	const hardware = machineOf(inputs);
	const file = await context.open(inputs.trace);
	const instructions = await parseTrace(await file.text(MOST_TRACE_BYTES), file.name, hardware.memory, context.pause);
	await context.pause();
	context.progress(0.3, `${instructions.length} instructions`);
	const { channels, cycles } = await replayTrace(instructions, hardware, context.pause);
	const log = new CommandLog();
	await replayTrace(instructions.slice(0, JUDGED_INSTRUCTIONS), hardware, context.pause, (channel) =>
		channel === 0 ? { log } : {},
	);
	const counts = sumCounts(channels);
	const joules = spentEnergy(counts, cycles, 0, energyOf(inputs, hardware), hardware);
	const replay: ReplayOutput = {
		instructions: instructions.length,
		seconds: secondsOf(cycles, hardware),
		cycles,
		rowHitRate: counts.multiplies === 0 ? null : 1 - counts.multiplyOpenings / counts.multiplies,
		joules: energyParts.reduce((sum, part) => sum + joules[part], 0),
		counts: [
			...kindsOf(instructions),
			{ what: 'columns multiplied in all banks', count: counts.multiplies },
			{ what: 'rows opened, bank by bank', count: counts.activations },
			{ what: 'refreshes', count: counts.refreshes },
		],
		legality: describeCheck(checkTiming(log, hardware)),
	};
	context.progress(1, 'done');
	const answer = `${replay.instructions} instructions take ${cycles.toLocaleString('en-US')} cycles, ${(replay.seconds * 1e6).toLocaleString('en-US', { maximumSignificantDigits: 5 })} µs; timing: ${hardware.timing.name}.`;
	return { answer, simulation: null, functional: null, replay };
}

function kindsOf(instructions: readonly TraceInstruction[]): ReplayOutput['counts'] {
	const counts = new Map<string, number>();
	for (const { kind } of instructions) counts.set(kind, (counts.get(kind) ?? 0) + 1);
	return [...counts].map(([kind, count]) => ({ what: `instructions: ${kind}`, count }));
}
