/** The report of a run: what was planned or measured, as tables and plots. */
import type { Panel } from '@assay/contract';
import type { DriveOutput, Outputs } from './outputs.ts';
import { reportPlan } from './report-plan.ts';
import { reportTraining } from './report-training.ts';

export function report({ answer, plan, training, drive }: Outputs): Panel[] {
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [answer, ...(plan === null ? [] : plan.machine.assumptions)] },
		...(plan === null ? [] : reportPlan(plan)),
		...(training === null ? [] : reportTraining(training)),
		...(drive === null ? [] : reportDrive(drive)),
	];
}

function reportDrive({ readBytesPerSecond, writeBytesPerSecond, mixedBytesPerSecond }: DriveOutput): Panel[] {
	return [
		{
			kind: 'table',
			title: 'Measured with fio',
			note: 'Requests of 1 MiB, 32 under way, past the page cache. Where reads and writes at once reach about as much as either alone, they share the drive, as the plan assumes.',
			columns: [
				{ key: 'what', label: 'Transfer' },
				{ key: 'rate', label: 'Rate', unit: 'GB/s' },
			],
			rows: [
				{ what: 'reads', rate: readBytesPerSecond / 1e9 },
				{ what: 'writes', rate: writeBytesPerSecond / 1e9 },
				{ what: 'both at once', rate: mixedBytesPerSecond === null ? null : mixedBytesPerSecond / 1e9 },
			],
		},
		{ kind: 'file', title: 'fio’s output', artifact: 'fio.json', note: 'Give it to a plan as workstation.fio.' },
	];
}
