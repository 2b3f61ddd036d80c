/** What lies where, and how little moves. */
import type { Panel } from '@assay/contract';
import type { SimulationOutput } from '../outputs.ts';

export function memoryPanels({ memory, movement, model }: SimulationOutput): Panel[] {
	return [
		{
			kind: 'table',
			title: 'Memory',
			columns: [
				{ key: 'what', label: 'What' },
				{ key: 'value', label: 'Value' },
				{ key: 'unit', label: 'Unit' },
			],
			rows: [
				{ what: 'all banks', value: memory.bytes / 2 ** 30, unit: 'GiB' },
				{ what: 'rows taken', value: memory.usedBytes / 2 ** 30, unit: 'GiB' },
				{ what: `of them for keys and values of ${memory.tokens} tokens`, value: memory.cacheBytes / 2 ** 30, unit: 'GiB' },
				{ what: 'longest sequence that would fit', value: memory.longest, unit: 'tokens' },
				{ what: 'over the buses for the token', value: movement.busBytes / 1e6, unit: 'MB' },
				{ what: `weights of ${model.name}`, value: movement.modelBytes / 1e6, unit: 'MB' },
				{ what: 'data movement reduced by', value: movement.reduction, unit: 'x' },
			],
		},
		{
			kind: 'table',
			title: 'Where everything lies',
			note: 'The same rows in every bank. Other layers follow as layer 0 does. Keys and values have room for the longest sequence.',
			columns: [
				{ key: 'what', label: 'What' },
				{ key: 'inputs', label: 'Inputs', digits: 8 },
				{ key: 'outputs', label: 'Outputs', digits: 8 },
				{ key: 'outputsPerBank', label: 'Outputs a bank', digits: 8 },
				{ key: 'slices', label: 'Slices' },
				{ key: 'order', label: 'Order' },
				{ key: 'firstRow', label: 'First row', digits: 8 },
				{ key: 'rows', label: 'Rows', digits: 8 },
				{ key: 'filled', label: 'Filled', unit: '%', digits: 3 },
			],
			rows: memory.layouts.map((layout) => ({ ...layout, filled: 100 * layout.filled })),
		},
	];
}
