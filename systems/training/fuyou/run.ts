/** The three kinds of run: planning a machine, training on this one, and measuring its drive. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	if (inputs.mode === 'train-here') {
		const { runTraining } = await import('./run-training.ts');
		return runTraining(inputs, context);
	}
	if (inputs.mode === 'measure-drive') {
		const { runDrive } = await import('./run-drive.ts');
		return runDrive(inputs, context);
	}
	const { runPlan } = await import('./run-plan.ts');
	return runPlan(inputs, context);
}
