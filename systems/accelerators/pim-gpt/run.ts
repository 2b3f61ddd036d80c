/** The three kinds of run: simulating a model, computing one through the banks, and timing a trace. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import { runFunctional } from './run-functional.ts';
import { runReplay } from './run-replay.ts';
import { runSimulation } from './run-simulation.ts';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	if (inputs.mode === 'functional') return runFunctional(inputs, context);
	if (inputs.mode === 'replay-trace') return runReplay(inputs, context);
	return runSimulation(inputs, context);
}
