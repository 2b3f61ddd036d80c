import type { RunContext } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import { runHere } from './run-here.ts';
import { runPlan } from './run-plan.ts';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	if (inputs.mode === 'measure-here') return { plan: null, ...(await runHere(inputs.here, context)) };
	return { measured: null, ...(await runPlan(inputs, context)) };
}
