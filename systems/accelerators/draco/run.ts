import type { RunContext } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import { evaluate } from './run-evaluation.ts';
import { runTraining, trainingAnswer } from './train/run-training.ts';

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	if (inputs.mode === 'evaluate') return { training: null, ...(await evaluate(inputs, context)) };
	const training = await runTraining(inputs.train, context);
	return { evaluation: null, training, answer: trainingAnswer(training) };
}
