import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { memorySource } from '../byte-source.ts';
import { readOnnxGraph } from '../read-graph.ts';
import { convolutionalNetwork } from '../testing/convolutional-network.ts';
import { GraphWriter } from '../testing/graph-writer.ts';
import { runEveryTensor } from '../testing/run-every-tensor.ts';
import { transformerNetwork } from '../testing/transformer-network.ts';
import type { GivenDimensions } from './dimensions.ts';
import { inferShapes } from './infer-shapes.ts';

/** Compares every inferred shape with the one onnxruntime finds; how many there are. */
async function compare(file: Uint8Array, dimensions: GivenDimensions = {}): Promise<number> {
	const graph = await readOnnxGraph(memorySource('test.onnx', file));
	const real = await runEveryTensor(file, graph, dimensions);
	const { tensors } = inferShapes(graph, dimensions);
	const ours = Object.fromEntries([...real.keys()].map((name) => [name, tensors.get(name)?.shape]));
	expect(ours).toEqual(Object.fromEntries(real));
	return real.size;
}

describe('every inferred shape is the one onnxruntime finds', () => {
	test.each([7, 8, 9, 10, 11, 12, 13, 15, 17, 18, 19, 21, 22])('a convolutional network of operator set %i', async (opset) => {
		const file = convolutionalNetwork(opset).file();
		expect(await compare(file, { batch: 2, height: 65, width: 71 })).toBeGreaterThan(30);
		await compare(file, { batch: 1, height: 64, width: 96 });
	});

	test.each([9, 10, 11, 12, 13, 14, 17, 18, 21, 22])('a transformer of operator set %i', async (opset) => {
		const file = transformerNetwork(opset).file();
		expect(await compare(file, { batch: 2, sequence: 7 })).toBeGreaterThan(60);
		await compare(file, { batch: 1, sequence: 1 });
	});
});

describe('windows drawn at random', () => {
	const axis = fc.record({
		size: fc.integer({ min: 1, max: 40 }),
		kernel: fc.integer({ min: 1, max: 5 }),
		stride: fc.integer({ min: 1, max: 4 }),
		dilation: fc.integer({ min: 1, max: 3 }),
		begin: fc.nat(2),
		end: fc.nat(2),
	});
	const auto = fc.constantFrom('NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID');

	test('convolutions that onnxruntime runs have the shapes it finds', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.tuple(axis, axis),
				auto,
				fc.constantFrom(1, 2, 4),
				fc.boolean(),
				async (axes, padding, group, transposed) => {
					const g = new GraphWriter(13);
					const x = g.input('x', [2, 4, ...axes.map(({ size }) => size)]);
					const pads = [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)];
					const strides = axes.map(({ stride }) => stride);
					const dilations = axes.map(({ dilation }) => dilation);
					const attributes = { group, strides, dilations, ...(padding === 'NOTSET' ? { pads } : { auto_pad: padding }) };
					const weights = transposed ? [4, 8 / group] : [8, 4 / group];
					g.add(transposed ? 'ConvTranspose' : 'Conv', [x, g.weight([...weights, ...axes.map(({ kernel }) => kernel)])], {
						attributes,
					});
					await agree(g.file());
				},
			),
			{ numRuns: 150 },
		);
	});

	test('poolings where a window fits, with and without a last one past the end', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.tuple(axis, axis),
				fc.constantFrom('MaxPool', 'AveragePool'),
				fc.nat(1),
				async (axes, operator, ceil) => {
					const g = new GraphWriter(19);
					const x = g.input('x', [1, 2, ...axes.map(({ size }) => size)]);
					const kernel = axes.map(({ kernel }) => kernel + 2);
					// Where a window does not fit at all, the runtime's division of a negative number still finds one; we refuse.
					fc.pre(axes.every(({ size, begin, end }, i) => size + begin + end >= (kernel[i] as number)));
					const pads = [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)];
					g.add(operator, [x], {
						attributes: { kernel_shape: kernel, strides: axes.map(({ stride }) => stride), pads, ceil_mode: ceil },
					});
					await agree(g.file());
				},
			),
			{ numRuns: 150 },
		);
	});

	/** Where onnxruntime runs the graph our shapes are its shapes; what it gives out without a single element is refused. */
	async function agree(file: Uint8Array): Promise<void> {
		const graph = await readOnnxGraph(memorySource('test.onnx', file));
		let real: ReadonlyMap<string, readonly number[]>;
		try {
			real = await runEveryTensor(file, graph, {});
		} catch {
			return;
		}
		if ([...real.values()].some((shape) => shape.includes(0))) return void expect(() => inferShapes(graph)).toThrow(InputError);
		const { tensors } = inferShapes(graph);
		for (const [name, shape] of real) expect(tensors.get(name)?.shape).toEqual(shape);
	}
});

describe('what cannot be inferred is one InputError', () => {
	const attempt = async (write: (g: GraphWriter) => void, dimensions: GivenDimensions = {}, opset = 17): Promise<string> => {
		const g = new GraphWriter(opset);
		write(g);
		const graph = await readOnnxGraph(memorySource('test.onnx', g.file()));
		try {
			inferShapes(graph, dimensions, ['test.onnx']);
		} catch (error) {
			if (error instanceof InputError) return error.message;
			throw error;
		}
		return 'nothing was raised';
	};
	const cases: [string, (g: GraphWriter) => void, GivenDimensions, RegExp][] = [
		[
			'an operator that is not covered',
			(g) => void g.add('STFT', [g.input('x', [3])]),
			{},
			/test\.onnx, STFT "stft0": found an operator that is not covered/,
		],
		[
			'an operator of another domain',
			(g) => void g.add('Mystery', [g.input('x', [3])], { domain: 'com.acme' }),
			{},
			/com\.acme\.Mystery "mystery0": found an operator/,
		],
		[
			'open dimensions',
			(g) => void g.add('Relu', [g.input('x', ['batch', 3, null])]),
			{},
			/found no size for batch, x\[2\], expected .* batch = 1/,
		],
		[
			'a misspelt dimension',
			(g) => void g.add('Relu', [g.input('x', ['batch', 3])]),
			{ batch: 1, bath: 2 },
			/bath: found a dimension .*did you mean batch\?/,
		],
		[
			'a size against the graph’s own',
			(g) => void g.add('Relu', [g.input('x', ['batch', 3])]),
			{ x: [2, 4] },
			/x: found \[2, 4\], expected \[batch, 3\]/,
		],
		[
			'shapes that do not fit',
			(g) => void g.add('MatMul', [g.input('x', [2, 3]), g.weight([4, 5])]),
			{},
			/MatMul "matmul1": found shapes \[2, 3\] and \[4, 5\], expected the same inner/,
		],
		[
			'a shape that only a run would tell',
			(g) => void g.add('Reshape', [g.input('x', [6]), g.input('s', [2], 'int64')]),
			{},
			/Reshape "reshape0": found the new shape in "s", which only a run/,
		],
		[
			'indices that only a run would tell',
			(g) => void g.add('NonZero', [g.input('x', [6])]),
			{},
			/NonZero "nonzero0": found elements that are not zero, which only a run would tell, expected .*nonzero0\[1\] = 100/,
		],
		[
			'groups that do not fit',
			(g) => void g.add('Conv', [g.input('x', [1, 6, 5, 5]), g.weight([4, 2, 3, 3])]),
			{},
			/Conv "conv1": found 6 channels, weights of shape \[4, 2, 3, 3\] and 1 groups/,
		],
		[
			'a window larger than the image',
			(g) => void g.add('MaxPool', [g.input('x', [1, 1, 2, 2])], { attributes: { kernel_shape: [3, 3] } }),
			{},
			/MaxPool "maxpool0": found 2 elements and a window of 3/,
		],
		[
			'a tensor too large to count',
			(g) => void g.add('Expand', [g.input('x', [1]), g.integers([2 ** 30, 2 ** 30])]),
			{},
			/Expand "expand1": found the shape .*less than 2\^53 elements/,
		],
	];
	test.each(cases)('%s', async (_, write, dimensions, expected) => {
		expect(await attempt(write, dimensions)).toMatch(expected);
	});

	test('a branch that only a run would choose, unless its condition is given', async () => {
		const write = (g: GraphWriter): void => {
			const [yes, no] = [new GraphWriter(17), new GraphWriter(17)];
			const x = g.input('x', [4]);
			const bodies = {
				then_branch: { graph: yes.body([yes.add('Neg', [x])]) },
				else_branch: { graph: no.body([no.add('Concat', [x, x], { attributes: { axis: 0 } })]) },
			};
			g.add('If', [g.add('Cast', [g.add('ReduceSum', [x], { attributes: { keepdims: 0 } })], { attributes: { to: 9 } })], {
				attributes: bodies,
			});
		};
		expect(await attempt(write)).toMatch(
			/If "if2": found the condition of the branch in "cast1", which only a run would tell, .* or to be given: cast1 = 1/,
		);
		const g = new GraphWriter(17);
		write(g);
		const graph = await readOnnxGraph(memorySource('test.onnx', g.file()));
		expect([0, 1].map((cast1) => inferShapes(graph, { cast1 }).outputs[0]?.shape)).toEqual([[8], [4]]);
	});

	test('an operator set that is too old', async () => {
		expect(await attempt((g) => void g.add('Relu', [g.input('x', [3])]), {}, 6)).toMatch(
			/found operator set 6, expected operator set 7 or later/,
		);
	});

	test('a loop whose condition only a run would tell', async () => {
		const message = await attempt((g) => {
			const body = new GraphWriter(17);
			const inputs = [body.input('trip', [], 'int64'), body.input('condition', [], 'bool'), body.input('state', [1])];
			const again = body.add('Cast', [body.add('Squeeze', [inputs[2] as string])], { attributes: { to: 9 } });
			const graph = body.body([again, body.add('Neg', ['state'])]);
			g.add('Loop', [g.scalar(5, 'int64'), '', g.input('x', [1])], { attributes: { body: { graph } } });
		});
		expect(message).toMatch(/Loop "loop1": found a condition that only a run would tell/);
	});

	test('a loop that would run for ever, and functions that call themselves', async () => {
		const endless = await attempt((g) => {
			const body = new GraphWriter(17);
			body.input('trip', [], 'int64');
			body.input('condition', [], 'bool');
			const graph = body.body([body.add('Identity', ['condition'])]);
			g.add('Loop', ['', g.scalar(1, 'bool')], { attributes: { body: { graph } }, outputs: 0 });
			g.add('Relu', [g.input('x', [1])]);
		});
		expect(endless).toMatch(/expected at most 10000\d operators/);
		const g = new GraphWriter(17);
		g.add('Again', [g.input('x', [1])], { domain: 'local' });
		const again = {
			name: 'Again',
			domain: 'local',
			input: ['a'],
			output: ['b'],
			node: [{ name: 'n', opType: 'Again', domain: 'local', input: ['a'], output: ['b'], attribute: [] }],
		};
		const graph = await readOnnxGraph(memorySource('test.onnx', g.file([again])));
		expect(() => inferShapes(graph)).toThrow(/bodies within bodies/);
	});
});

test('a function of the file itself is replaced by its body, the caller’s attributes put in', async () => {
	const g = new GraphWriter(17);
	const body = new GraphWriter(17);
	const inner = body.add('LeakyRelu', [body.add('Transpose', ['a'], { attributes: { perm: [0] } })]);
	const transpose = body.nodes[0];
	if (transpose?.attribute[0] === undefined) throw new Error('no attribute');
	transpose.attribute[0] = { name: 'perm', type: 7, refAttrName: 'order' };
	g.add('Turned', [g.input('x', [2, 3, 4])], { domain: 'local', attributes: { order: [2, 0, 1] } });
	const file = g.file([
		{
			name: 'Turned',
			domain: 'local',
			input: ['a'],
			output: [inner],
			attribute: ['order'],
			node: body.nodes,
			opsetImport: [{ domain: '', version: 17 }],
		},
	]);
	const graph = await readOnnxGraph(memorySource('test.onnx', file));
	const { tensors, operators } = inferShapes(graph);
	expect(Object.fromEntries(await runEveryTensor(file, graph, {}))).toEqual({ turned0: [4, 2, 3] });
	expect(tensors.get('turned0')?.shape).toEqual([4, 2, 3]);
	expect(operators.map(({ operator }) => operator.node.opType)).toEqual(['Transpose', 'LeakyRelu']);
});

test('graphs changed at random end in shapes or in an InputError', async () => {
	const files = [
		...[7, 11, 18].map((opset) => convolutionalNetwork(opset).file()),
		...[9, 13, 21].map((opset) => transformerNetwork(opset).file()),
	];
	const dimensions = [
		{ batch: 1, height: 32, width: 32 },
		{ batch: 1, sequence: 4 },
	];
	await fc.assert(
		fc.asyncProperty(
			fc.nat(files.length - 1),
			fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 8 }),
			async (which, changes) => {
				const file = (files[which] as Uint8Array).slice();
				for (const [at, byte] of changes) file[at % file.length] = byte;
				try {
					const graph = await readOnnxGraph(memorySource('fuzz.onnx', file));
					inferShapes(graph, dimensions[which < 3 ? 0 : 1]);
				} catch (error) {
					if (!(error instanceof InputError)) throw error;
				}
			},
		),
		{ numRuns: 400 },
	);
});
