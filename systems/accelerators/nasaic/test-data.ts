/** What the tests share. Nothing here is part of the system. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom, type Random } from '@assay/contract';
import type { AssignmentProblem } from './assignment/assignment-problem.ts';
import { BUILT_IN_MAPPINGS, type BuiltInDataflow } from './cost/built-in-mappings.ts';
import type { ConvolutionLayer } from './cost/convolution-layer.ts';
import { squareConvolution } from './networks/task-network.ts';
import { createDesignSpace, type DesignSpace } from './search/design-space.ts';
import { builtInTask } from './search/task.ts';

const file =
	process.env['ASSAY_DATA'] === undefined ? undefined : join(process.env['ASSAY_DATA'], 'nasaic', 'maestro_ref_layers.csv');

/** Why tests against MAESTRO's table are skipped; undefined where they are not. */
export const dataMissing =
	file !== undefined && existsSync(file) ? undefined : 'needs ASSAY_DATA with nasaic/maestro_ref_layers.csv';

/** A line of the table that MAESTRO made. */
export interface ReferenceRow {
	readonly dataflow: BuiltInDataflow;
	readonly elements: number;
	readonly bandwidth: number;
	readonly layer: ConvolutionLayer;
	readonly cycles: number;
	readonly macs: number;
	readonly activeElements: number;
	/** Reads and writes of the shared buffer: input, weight, output. */
	readonly shared: readonly number[];
}

export function referenceRows(): ReferenceRow[] {
	const [header = '', ...lines] = readFileSync(file ?? '', 'utf8')
		.trim()
		.split(/\r?\n/);
	const names = header.split(',');
	return lines.map((line) => {
		const cells = line.split(',');
		const number = (name: string): number => Number(cells[names.indexOf(name)]);
		const dataflow = (['dla', 'shi', 'rs'] as const).find((name) => name === cells[0]);
		if (dataflow === undefined) throw new Error(`no dataflow in ${line}`);
		return {
			dataflow,
			elements: number('num_pes'),
			bandwidth: number('noc_bw'),
			layer: squareConvolution(cells[3] ?? '', number('C'), number('K'), number('Y_in') - number('R') + 1, number('R')),
			cycles: number('runtime_cycles'),
			macs: number('macs'),
			activeElements: number('avg_utilized_pes'),
			shared: ['in_l2_rd', 'in_l2_wr', 'w_l2_rd', 'w_l2_wr', 'out_l2_rd', 'out_l2_wr'].map(number),
		};
	});
}

/** Two chains of layers; each accelerator is good at some layers, in time and in energy. */
export function randomProblem(random: Random, layers: number, accelerators: number): AssignmentProblem {
	const cycles = new Float64Array(layers * accelerators);
	const energy = new Float64Array(layers * accelerators);
	for (let l = 0; l < layers; l++) {
		const work = Math.exp(random.normal());
		for (let j = 0; j < accelerators; j++) {
			cycles[l * accelerators + j] = Math.ceil(1000 * work * Math.exp(0.8 * random.normal()));
			energy[l * accelerators + j] = Math.ceil(1e6 * work * Math.exp(0.4 * random.normal()));
		}
	}
	const cut = Math.floor(layers / 2);
	const predecessors = Array.from({ length: layers }, (_, l) => (l === 0 || l === cut ? [] : [l - 1]));
	return { layers, accelerators, cycles, energy, predecessors };
}

/** The space of the paper's first workload. */
export function firstSpace(): DesignSpace {
	return createDesignSpace({
		tasks: [builtInTask('cifar-10', 1), builtInTask('nuclei', 1)],
		mappings: [BUILT_IN_MAPPINGS.shi, BUILT_IN_MAPPINGS.dla, BUILT_IN_MAPPINGS.rs],
		accelerators: 2,
		organisation: 'heterogeneous',
		mostElements: 4096,
		mostBandwidth: 64,
	});
}

export const seeded = (name: string): Random => createRandom(name);
