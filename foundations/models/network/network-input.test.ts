import { type DataFile, InputError } from '@assay/contract';
import { expect, test } from 'vitest';
import { convolutionalNetwork } from '../onnx/testing/convolutional-network.ts';
import { networkCounts } from './counts.ts';
import { networkInput, resolveNetwork } from './network-input.ts';
import { layerTable } from './tables.ts';
import { findNetwork } from './zoo.ts';

/** A run that opens one file. */
function opens(name: string, content: Uint8Array | string) {
	const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
	const file = {
		name,
		bytes: bytes.byteLength,
		text: async () => new TextDecoder().decode(bytes),
		arrayBuffer: async () => bytes.slice().buffer,
	} satisfies Partial<DataFile> as unknown as DataFile;
	return { open: async () => file };
}

const field = networkInput('resnet-50');
const none = { open: () => Promise.reject(new Error('nothing to open')) };

test('a name, with sizes or without', async () => {
	expect(await resolveNetwork(field.parse({}), none)).toEqual(findNetwork('resnet-50'));
	const network = await resolveNetwork(field.parse({ name: 'gpt2', dimensions: 'batch=2, tokens=16,cachedTokens=3' }), none);
	expect(network).toEqual(findNetwork('gpt2', { batch: 2, tokens: 16, cachedTokens: 3 }));
});

test('the user’s ONNX file, config.json and topology', async () => {
	const onnx = await resolveNetwork(
		field.parse({ file: 'blob:x', dimensions: 'image=1x3x64x64' }),
		opens('mine.onnx', convolutionalNetwork(13).file()),
	);
	expect(onnx.inputs[0]?.shape).toEqual([1, 3, 64, 64]);
	const config = { model_type: 'gpt2', vocab_size: 50_257, n_positions: 1024, n_embd: 768, n_layer: 12, n_head: 12 };
	const transformer = await resolveNetwork(
		field.parse({ file: 'blob:x', dimensions: 'tokens=8' }),
		opens('config.json', JSON.stringify(config)),
	);
	expect(networkCounts(transformer).macs).toBe(networkCounts(findNetwork('gpt2', { tokens: 8 })).macs);
	const topology = await resolveNetwork(field.parse({ file: 'blob:x' }), opens('mine.csv', 'Layer, M, N, K,\nA, 2, 3, 4,\n'));
	expect(networkCounts(topology).macs).toBe(24);
});

test.each([
	['a size that is no number', { dimensions: 'batch=many' }, none, /network\.dimensions: found "batch=many"/],
	['a name that is unknown', { name: 'vgg16' }, none, /network: found "vgg16".*did you mean vgg-16\?/],
	['a file that is no ONNX', { file: 'blob:x' }, opens('mine.onnx', 'hello'), /mine\.onnx/],
	[
		'a graph’s open sizes',
		{ file: 'blob:x' },
		opens('mine.onnx', convolutionalNetwork(13).file()),
		/mine\.onnx: found no size for batch, height, width/,
	],
	['no JSON', { file: 'blob:x' }, opens('config.json', '{'), /config\.json: .*expected JSON/],
	[
		'a size that a transformer does not have',
		{ file: 'blob:x', dimensions: 'image=3' },
		opens('config.json', '{}'),
		/dimensions\.image: found 3, expected batch, tokens/,
	],
])('%s is one InputError', async (_, input, context, expected) => {
	const error = await resolveNetwork(field.parse(input), context).catch((reason: unknown) => reason);
	expect(error).toBeInstanceOf(InputError);
	expect((error as Error).message).toMatch(expected);
});

test('a table has a row for each layer that multiplies, and their shares are the whole', () => {
	const network = findNetwork('squeezenet-1.1');
	const { rows, note } = layerTable(network);
	expect(rows).toHaveLength(26);
	expect(rows.reduce((sum, row) => sum + Number(row['share']), 0)).toBeCloseTo(100);
	expect(rows[0]).toMatchObject({ layer: 'conv1', operator: 'Conv', shape: '3x3, 3 to 64, stride 2x2, 224x224 to 111x111' });
	expect(note).toContain('1,235,496 parameters');
	expect(layerTable(network, 'all').rows).toHaveLength(network.layers.length);
});
