/** Panels of what could be changed: parts, batches, models, ways of training, and what it all costs. */
import type { Panel, PlotPanel, TablePanel } from '@assay/contract';
import type { PlanOutput } from './outputs.ts';

export function reportChoices(plan: PlanOutput): Panel[] {
	return [
		sensitivityPlot(plan),
		sensitivityTable(plan),
		mapPlot(plan),
		largestModelPlot(plan),
		...(plan.adapters.length === 0 ? [] : [adapterTable(plan)]),
		costTable(plan),
	];
}

function sensitivityPlot({ sensitivity }: PlanOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'What would one more of each part bring?',
		note: 'Speed-up of the same step with one part changed. Parts that bring nothing are not the bottleneck.',
		x: { label: 'Gain in speed', unit: '%', zero: true },
		y: { label: 'Change', scale: 'band' },
		marks: [
			{
				mark: 'bar',
				data: sensitivity
					.filter(({ speedup }) => speedup !== null)
					.map(({ part, speedup }) => ({ part, gain: 100 * ((speedup ?? 1) - 1) })),
				x: 'gain',
				y: 'part',
				along: 'x',
			},
		],
	};
}

function sensitivityTable({ sensitivity }: PlanOutput): TablePanel {
	return {
		kind: 'table',
		title: 'Changes one by one',
		columns: [
			{ key: 'part', label: 'Change' },
			{ key: 'fits', label: 'Fits' },
			{ key: 'speedup', label: 'Speed-up', unit: 'x' },
			{ key: 'largestBatch', label: 'Largest batch', unit: 'sequences' },
		],
		rows: sensitivity.map(({ part, fits, speedup, largestBatch }) => ({
			part,
			fits: fits ? 'yes' : 'no',
			speedup,
			largestBatch,
		})),
	};
}

function mapPlot({ map }: PlanOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'Throughput over batch size and number of drives',
		note: 'Model TFLOP/s; cells that are missing do not fit.',
		x: { label: 'Drives', scale: 'band' },
		y: { label: 'Batch', unit: 'sequences', scale: 'band' },
		color: { label: 'Speed', unit: 'TFLOP/s' },
		marks: [
			{
				mark: 'cell',
				data: map
					.filter(({ teraflops }) => teraflops !== null)
					.map(({ batch, drives, teraflops }) => ({ batch, drives, teraflops, label: (teraflops ?? 0).toFixed(0) })),
				x: 'drives',
				y: 'batch',
				value: 'teraflops',
				label: 'label',
			},
		],
	};
}

function largestModelPlot({ largestModels, batch }: PlanOutput): PlotPanel {
	return {
		kind: 'plot',
		title: 'Largest model over host memory',
		note: `GPTs with a layer for every 128 of width, ${batch} sequences a step, this GPU and these drives.`,
		x: { label: 'Host memory', unit: 'GB', scale: 'log' },
		y: { label: 'Parameters', unit: 'B', zero: true },
		color: { label: 'System' },
		marks: (['line', 'dot'] as const).map((mark) => ({
			mark,
			data: largestModels.map(({ policy, hostMemoryBytes, parameters }) => ({
				policy,
				memory: hostMemoryBytes / 1e9,
				parameters: parameters / 1e9,
			})),
			x: 'memory',
			y: 'parameters',
			color: 'policy',
		})),
	};
}

function adapterTable({ adapters, policies, model }: PlanOutput): TablePanel {
	const full = policies.find(({ policy }) => policy === 'fuyou');
	return {
		kind: 'table',
		title: 'Is full fine-tuning needed?',
		note: 'Adapters train a small part of the parameters on the GPU alone. Times are lower bounds: taking 4-bit weights apart is not counted.',
		columns: [
			{ key: 'name', label: 'Way' },
			{ key: 'trained', label: 'Trained parameters', unit: 'M' },
			{ key: 'memory', label: 'GPU memory', unit: 'GB' },
			{ key: 'fits', label: 'Fits' },
			{ key: 'seconds', label: 'Step', unit: 's' },
		],
		rows: [
			{
				name: 'this plan',
				trained: model.trainedParameters / 1e6,
				memory: null,
				fits: full?.fits === true ? 'yes' : 'no',
				seconds: full?.seconds ?? null,
			},
			...adapters.map((one) => ({
				name: one.name,
				trained: one.trainedParameters / 1e6,
				memory: one.gpuBytes / 1e9,
				fits: one.fits ? 'yes' : 'no',
				seconds: one.seconds,
			})),
		],
	};
}

function costTable({ cost }: PlanOutput): TablePanel {
	return {
		kind: 'table',
		title: 'Time, energy and money',
		columns: [
			{ key: 'what', label: 'Figure' },
			{ key: 'value', label: 'Value' },
			{ key: 'unit', label: 'Unit' },
		],
		rows: [
			{ what: 'an epoch', value: cost.epochHours, unit: 'h' },
			{ what: 'its energy', value: cost.epochJoules === null ? null : cost.epochJoules / 1e6, unit: 'MJ' },
			{ what: 'its electricity', value: cost.epochDollars, unit: '$' },
			{ what: 'this machine', value: cost.machineDollars, unit: '$' },
			{ what: 'speed per dollar', value: cost.gigaflopsPerDollar, unit: 'GFLOP/s/$' },
			{
				what: `speed per dollar of a node of data-centre GPUs (${cost.nodes} would hold this model)`,
				value: cost.nodeGigaflopsPerDollar,
				unit: 'GFLOP/s/$',
			},
		],
	};
}
