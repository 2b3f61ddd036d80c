/** The report of a run. */
import type { Panel } from '@assay/contract';
import type { Outputs } from '../outputs.ts';
import { reportPlan } from './report-plan.ts';
import { reportTensor } from './report-tensor.ts';
import { reportTraining } from './report-training.ts';

export function report({ answer, notes, plan, tensor, training }: Outputs): Panel[] {
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer, ...notes] },
		...(plan === null ? [] : reportPlan(plan)),
		...(tensor === null ? [] : reportTensor(tensor)),
		...(training === null ? [] : reportTraining(training)),
	];
}
