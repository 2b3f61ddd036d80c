/** The three kinds of run. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	if (inputs.mode === 'run-here') {
		const { runHere } = await import('./execute/run-here.ts');
		return runHere(inputs, context);
	}
	if (inputs.mode === 'train-here') {
		const { trainHere } = await import('./train/train-here.ts');
		return trainHere(inputs, context);
	}
	const { runPlan } = await import('./plan/run-plan.ts');
	return runPlan(inputs, context);
}
