/** The three kinds of run: predicting, quantising a tensor, training. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'starting');
	await context.pause();
	if (inputs.mode === 'tensor') {
		const { runTensor } = await import('./run-tensor.ts');
		return runTensor(inputs, context);
	}
	if (inputs.mode === 'train') {
		const { runTraining } = await import('./training/run-training.ts');
		return runTraining(inputs, context);
	}
	const { runPlan } = await import('./run-plan.ts');
	return runPlan(inputs, context);
}
