/** Panels of the ledger. */
import type { Panel } from '@assay/contract';
import type { LedgerOutput } from '../outputs.ts';

export function reportLedger(ledger: LedgerOutput): Panel[] {
	return [
		{
			kind: 'table',
			title: 'Parameters',
			columns: [
				{ key: 'part', label: 'Part' },
				{ key: 'parameters', label: 'Of one', unit: '1e6', digits: 10 },
				{ key: 'copies', label: 'Copies', digits: 7 },
				{ key: 'total', label: 'Of all', unit: '1e6', digits: 10 },
			],
			rows: [
				...ledger.entries.map(({ part, parameters, copies, total }) => ({
					part,
					parameters: parameters / 1e6,
					copies,
					total: total / 1e6,
				})),
				{ part: 'all', parameters: null, copies: null, total: ledger.total / 1e6 },
				{ part: 'all without the embedding', parameters: null, copies: null, total: ledger.withoutEmbedding / 1e6 },
				{
					part: 'met by a token, without the embedding',
					parameters: null,
					copies: null,
					total: ledger.activeWithoutEmbedding / 1e6,
				},
			],
		},
		{
			kind: 'plot',
			title: 'Operations of training on a token',
			note: 'A large vocabulary makes the output layer a good part of the work of a small model.',
			x: { label: 'Operations', unit: 'GFLOP', zero: true },
			y: { label: 'Part', scale: 'band' },
			marks: [
				{
					mark: 'bar',
					data: ledger.operations.map(({ part, flopsPerToken }) => ({ part, gigaflops: flopsPerToken / 1e9 })),
					x: 'gigaflops',
					y: 'part',
					along: 'x',
				},
			],
		},
		{
			kind: 'table',
			title: 'Memory',
			columns: [
				{ key: 'what', label: 'What' },
				{ key: 'kilobytes', label: 'Size', unit: 'kB', digits: 10 },
			],
			rows: [
				{ what: 'weights in 16 bits', kilobytes: ledger.weightBytes / 1e3 },
				{ what: 'checkpoint with optimizer states', kilobytes: ledger.checkpointBytes / 1e3 },
				{ what: 'keys and values of a token', kilobytes: ledger.cacheBytesPerToken / 1e3 },
			],
		},
	];
}
