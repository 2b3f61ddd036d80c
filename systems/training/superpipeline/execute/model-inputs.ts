/** What a model is run on. */
import { join } from 'node:path';
import { createRandom, InputError } from '@assay/contract';
import type { OnnxElementType, OnnxGraph } from '@assay/models/onnx';
import type * as ort from 'onnxruntime-node';
import { FILES } from './files.ts';
import type { PrepareJob } from './job.ts';
import type { Place } from './prepared-model.ts';
import { tensorOver } from './tensors.ts';
import { WeightWriter } from './weight-files.ts';

/** Seeded inputs: reals around 0, integers 0 or 1, which are valid as tokens and as masks alike. */
export async function writeInputs(
	graph: OnnxGraph,
	job: PrepareJob,
): Promise<{ inputs: Place[]; tensors: Map<string, ort.Tensor> }> {
	const writer = await WeightWriter.create(join(job.folder, FILES.inputs));
	const inputs: Place[] = [];
	const tensors = new Map<string, ort.Tensor>();
	const random = createRandom(job.seed).fork('inputs');
	for (const { name, elementType, dims } of graph.inputs) {
		const shape = (dims ?? []).map(Number);
		const count = shape.reduce((product, one) => product * one, 1);
		const values = randomValues(elementType ?? 'float32', count, random.fork(name), name);
		const bytes = new Uint8Array(values.buffer, 0, values.byteLength);
		const offset = await writer.add([bytes]);
		const place = { name, type: elementType ?? 'float32', dims: shape, offset, bytes: bytes.byteLength };
		inputs.push(place);
		tensors.set(name, tensorOver(values.buffer, 0, place));
	}
	await writer.close();
	return { inputs, tensors };
}

function randomValues(type: OnnxElementType, count: number, random: ReturnType<typeof createRandom>, name: string) {
	const fill = <T extends { length: number; [index: number]: number }>(values: T): T => {
		for (let i = 0; i < count; i++) values[i] = random.normal();
		return values;
	};
	const bits = <T extends { length: number; [index: number]: number }>(values: T): T => {
		for (let i = 0; i < count; i++) values[i] = random.integer(2);
		return values;
	};
	switch (type) {
		case 'float32':
			return fill(new Float32Array(count));
		case 'float64':
			return fill(new Float64Array(count));
		case 'float16':
			return fill(new Float16Array(count));
		case 'int64':
		case 'uint64':
			return BigInt64Array.from({ length: count }, () => BigInt(random.integer(2)));
		case 'int32':
		case 'uint32':
			return bits(new Int32Array(count));
		case 'int16':
		case 'uint16':
			return bits(new Int16Array(count));
		case 'int8':
		case 'uint8':
		case 'bool':
			return bits(new Uint8Array(count));
		default:
			throw new InputError({ path: ['input', name], found: `the type ${type}`, expected: 'numbers of 8, 16, 32 or 64 bits' });
	}
}
