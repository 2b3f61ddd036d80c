/**
 * Makes a model ready for streaming: cuts the graph, lays each unit's weights in one piece, and writes a small graph for each distinct
 * signature whose weights are inputs. Each part is run once on the way, which tells the types and shapes of what it hands on.
 */
import { writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '@assay/contract';
import { type OnnxGraph, type OnnxValue, readOnnxGraph } from '@assay/models/onnx';
import { type CutGraph, cutGraph } from '../cut/cut-graph.ts';
import { FILES } from './files.ts';
import type { PrepareJob } from './job.ts';
import { writeInputs } from './model-inputs.ts';
import { PartWriter } from './part-writer.ts';
import type { PreparedModel, PreparedPart } from './prepared-model.ts';
import { fileSource } from './read-file.ts';
import { bytesOf } from './tensors.ts';
import { WeightReader } from './weight-files.ts';

export async function prepare(job: PrepareJob, progress: (fraction: number, note: string) => void): Promise<PreparedModel> {
	const name = basename(job.modelPath);
	const graph = bindDimensions(await readGraph(job.modelPath), new Map(Object.entries(job.dimensions)), name);
	const largestSharedBytes = job.largestSharedBytes ?? Number.POSITIVE_INFINITY;
	const cut = cutGraph(
		graph,
		{ dimensions: new Map(), mostCarried: job.crossingTensors, units: job.units, largestSharedBytes },
		name,
	);
	if (cut.parts.every((part) => !part.streamed)) {
		throw new InputError({
			path: [name],
			found: 'no weight of 64 KiB or more that one part of the graph has to itself',
			expected: 'a model with weights that are worth moving',
		});
	}
	const reader = new WeightReader(job.modelPath);
	progress(0.1, `cut into ${cut.parts.length} parts; copying weights`);
	const writer = new PartWriter(job.folder, cut, reader);
	const { inputs, tensors } = await writeInputs(cut.graph, job);
	const parts: PreparedPart[] = [];
	let activationBytes = 0;
	try {
		await writer.open();
		for (const [index, part] of cut.parts.entries()) {
			parts.push(await writer.write(part, tensors));
			for (const tensor of tensors.keys()) if (!isNeededAfter(cut, index, tensor)) tensors.delete(tensor);
			const held = [...tensors.values()].reduce((sum, tensor) => sum + bytesOf(tensor).byteLength, 0);
			activationBytes = Math.max(activationBytes, held);
			progress(0.1 + (0.8 * (index + 1)) / cut.parts.length, `part ${index + 1} of ${cut.parts.length}`);
		}
		await writer.writeResident(inputs);
	} finally {
		await writer.close();
		await reader.close();
	}
	const units = parts.filter(({ unit }) => unit !== null);
	const model: PreparedModel = {
		parts,
		inputs,
		outputs: cut.graph.outputs.map((output) => output.name),
		by: cut.by,
		streamedBytes: units.reduce((sum, { bytes }) => sum + bytes, 0),
		sharedBytes: writer.sharedBytes,
		activationBytes,
		sessions: new Set(parts.map(({ session }) => session)).size,
		operators: cut.graph.nodes.length,
	};
	await writeFile(join(job.folder, FILES.description), JSON.stringify(model));
	return model;
}

async function readGraph(path: string): Promise<OnnxGraph> {
	const source = await fileSource(path);
	try {
		return await readOnnxGraph(source);
	} finally {
		await source.close();
	}
}

/** Puts numbers in place of the names of dimensions. Raises an InputError for an input whose shape stays open. */
function bindDimensions(graph: OnnxGraph, dimensions: ReadonlyMap<string, number>, fileName: string): OnnxGraph {
	const bind = (value: OnnxValue): OnnxValue => ({
		...value,
		dims: value.dims?.map((dim) => (typeof dim === 'string' ? (dimensions.get(dim) ?? dim) : dim)) ?? null,
	});
	const inputs = graph.inputs.map(bind);
	for (const { name, dims, elementType } of inputs) {
		if (elementType === null)
			throw new InputError({ path: [fileName, 'input', name], found: 'no tensor', expected: 'tensors as inputs' });
		const open = dims === null ? 'a shape that is not stated' : dims.map((dim) => dim ?? '?').join(', ');
		if (dims === null || dims.some((dim) => typeof dim !== 'number')) {
			const missing = (dims ?? []).filter((dim) => typeof dim === 'string');
			throw new InputError({
				path: ['run', 'dimensions'],
				found: `no value for the shape [${open}] of the input ${name}`,
				expected:
					missing.length > 0
						? `a number for each, such as ${missing.map((dim) => `${dim}=1`).join(', ')}`
						: 'a graph whose inputs have shapes',
			});
		}
	}
	return { ...graph, inputs, values: new Map([...graph.values].map(([key, value]) => [key, bind(value)])) };
}

function isNeededAfter({ parts, graph }: CutGraph, index: number, tensor: string): boolean {
	return (
		graph.outputs.some(({ name }) => name === tensor) || parts.slice(index + 1).some(({ inputs }) => inputs.includes(tensor))
	);
}
