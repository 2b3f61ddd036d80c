/** Panels of a measured run. */
import type { Panel } from '@assay/contract';
import type { Ran } from '../outputs.ts';

export function runPanels(ran: Ran): Panel[] {
	return [
		{
			kind: 'table',
			title: 'Measured, each way in a process of its own',
			note: `${ran.model}: ${(ran.streamedBytes / 1e6).toFixed(1)} MB in units and ${(ran.sharedBytes / 1e6).toFixed(1)} MB that stay. Memory is the largest resident set beyond the bare process (${(ran.bareBytes / 1e6).toFixed(0)} MB).`,
			columns: [
				{ key: 'way', label: 'Way' },
				{ key: 'peakMegabytes', label: 'Peak memory', unit: 'MB', digits: 3 },
				{ key: 'predictedMegabytes', label: 'predicted', unit: 'MB', digits: 3 },
				{ key: 'saved', label: 'Saved', unit: '%', digits: 3 },
				{ key: 'seconds', label: 'Pass', unit: 's', digits: 3 },
				{ key: 'predictedSeconds', label: 'simulated', unit: 's', digits: 3 },
				{ key: 'waitSeconds', label: 'Waiting', unit: 's', digits: 2 },
				{ key: 'sessionSeconds', label: 'Making sessions', unit: 's', digits: 2 },
				{ key: 'megabytesPerPass', label: 'Read per pass', unit: 'MB' },
				{ key: 'sameBits', label: 'Same bits as its resident run' },
				{ key: 'difference', label: 'Largest relative difference from the default', digits: 2 },
			],
			rows: ran.runs.map((one) => ({
				way: one.way,
				peakMegabytes: one.peakBytes / 1e6,
				predictedMegabytes: one.predictedBytes === null ? null : one.predictedBytes / 1e6,
				saved: 100 * one.savedShare,
				seconds: one.medianSeconds,
				predictedSeconds: one.predictedSeconds,
				waitSeconds: one.waitSeconds,
				sessionSeconds: one.sessionSeconds,
				megabytesPerPass: one.bytesPerPass / 1e6,
				sameBits: one.sameBits === null ? null : one.sameBits ? 'yes' : 'no',
				difference: one.largestDifference,
			})),
		},
		{
			kind: 'plot',
			title: 'Memory while running',
			note: 'Resident set beyond the bare process after each unit; the resident runs hold every weight, the windows only theirs.',
			x: { label: 'Time', unit: 's' },
			y: { label: 'Memory', unit: 'MB', zero: true },
			color: { label: 'Way' },
			marks: [
				{
					mark: 'line',
					data: ran.resident.map(({ way, seconds, bytes }) => ({ way, seconds, megabytes: bytes / 1e6 })),
					x: 'seconds',
					y: 'megabytes',
					color: 'way',
				},
			],
		},
		{
			kind: 'plot',
			title: 'One measured pass of the chosen schedule',
			note: 'What was read and computed when. The end of a read is seen only when the computing beside it has ended, unless reads are held back.',
			x: { label: 'Time', unit: 's' },
			y: { label: 'Lane', scale: 'band' },
			color: { label: 'Unit' },
			marks: [{ mark: 'span', data: ran.spans.map((span) => ({ ...span })), x1: 'start', x2: 'end', y: 'lane', color: 'unit' }],
		},
		{
			kind: 'table',
			title: 'The cut',
			columns: [
				{ key: 'what', label: 'What' },
				{ key: 'value', label: 'Value' },
				{ key: 'unit', label: 'Unit' },
			],
			rows: [
				{ what: 'units found by', value: ran.cutBy, unit: '' },
				{ what: 'operators', value: ran.operators, unit: '' },
				{ what: 'distinct graphs', value: ran.sessions, unit: '' },
				{ what: 'handed on at once, at most', value: ran.activationBytes / 1e6, unit: 'MB' },
				{ what: 'rate of reading', value: ran.linkBytesPerSecond / 1e6, unit: 'MB/s' },
				{ what: 'time of a read beside its bytes', value: 1e6 * ran.linkLatencySeconds, unit: 'µs' },
			],
		},
	];
}
