/** The report of a run: designs and lengths first, then what moves them, then the cascade. */
import type { Panel } from '@assay/contract';
import type { Outputs } from '../outputs.ts';
import { reportCascade } from './report-cascade.ts';
import { reportDesigns } from './report-designs.ts';
import { reportSpace } from './report-space.ts';

export function report(outputs: Outputs): Panel[] {
	const { heads, kvHeads, queryKeyWidth, valueWidth, batch, layers, name, source } = outputs.subject;
	const shared = kvHeads === heads ? '' : `, ${kvHeads} of keys and values`;
	return [
		{
			kind: 'text',
			title: 'Answer',
			paragraphs: [
				outputs.answer,
				`${name} (${source}): ${heads} heads${shared}, E = ${queryKeyWidth}, F = ${valueWidth}, ${batch} sequence${batch === 1 ? '' : 's'}. All figures are of one layer${layers > 1 ? `; there are ${layers} such` : ''}.`,
				...outputs.notes,
			],
		},
		...reportDesigns(outputs),
		...reportSpace(outputs),
		...reportCascade(outputs),
	];
}
