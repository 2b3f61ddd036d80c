/** The network among a system's inputs: a built-in one by name, or the user's own file. */
import { dataReference, InputError, type RunContext, type Subject, text } from '@assay/contract';
import { z } from 'zod';
import { sourceOf } from '../onnx/byte-source.ts';
import { readOnnxGraph } from '../onnx/read-graph.ts';
import { parseDimensions } from '../onnx/shapes/index.ts';
import { resolveModel } from '../zoo.ts';
import { networkFromOnnx } from './from-onnx/network-from-onnx.ts';
import { networkFromTransformer } from './from-transformer/network-from-transformer.ts';
import type { Network } from './network.ts';
import { readTopology } from './scale-sim/read-topology.ts';
import { findNetwork } from './zoo.ts';

const MAX_TEXT_BYTES = 1 << 20;
const STANDARD_RUN = { batch: 1, tokens: 128 };

/** The input field `network`: a name, or a file that wins over it, and the sizes that either leaves open. */
export function networkInput(standard: string) {
	return z
		.strictObject({
			name: text({ default: standard, help: 'A built-in network (resnet-50, mobilenet-v2, bert-base, ...).' }),
			file: dataReference({
				help: 'Your own network: an ONNX file, a Hugging Face config.json or a SCALE-Sim topology (.csv). Wins over the name.',
				mediaTypes: ['application/octet-stream', 'application/json', 'text/csv'],
			}).optional(),
			dimensions: text({
				default: '',
				help: 'Sizes: batch=1, image=224 or tokens=128, cachedTokens=0 by name; of an ONNX file its open dimensions, or image=1x3x224x224 by input.',
				maxLength: 2000,
			}),
		})
		.prefault({});
}

/** What {@link networkInput} parses to. */
export type NetworkInput = z.output<ReturnType<typeof networkInput>>;

/** The network of a run. Raises an `InputError` that names the input or the file. */
export async function resolveNetwork(input: NetworkInput, context: Pick<RunContext, 'open'>): Promise<Network> {
	const dimensions = parseDimensions(input.dimensions, ['network', 'dimensions']);
	if (input.file === undefined) return findNetwork(input.name, dimensions, ['network']);
	const file = await context.open(input.file);
	if (file.name.endsWith('.csv')) return readTopology(await file.text(MAX_TEXT_BYTES), file.name);
	if (!file.name.endsWith('.json')) return networkFromOnnx(await readOnnxGraph(await sourceOf(file)), dimensions, [file.name]);
	const run: Record<string, number> = {};
	for (const [name, value] of Object.entries(dimensions)) {
		if (typeof value !== 'number' || !['batch', 'tokens', 'cachedTokens'].includes(name))
			throw new InputError({
				path: ['network', 'dimensions', name],
				found: String(value),
				expected: 'batch, tokens or cachedTokens, a number each',
			});
		run[name] = value;
	}
	return networkFromTransformer(
		resolveModel(parseJson(await file.text(MAX_TEXT_BYTES), file.name), [file.name]),
		{ ...STANDARD_RUN, ...run },
		[file.name],
	);
}

function parseJson(content: string, name: string): unknown {
	try {
		return JSON.parse(content);
	} catch (error) {
		const found = error instanceof Error ? error.message.slice(0, 100) : 'no JSON';
		throw new InputError({ path: [name], found, expected: 'JSON as in a Hugging Face config.json' });
	}
}

/** The network that advice is asked about, by name, and the input that gives it to a run; or why there is none. */
export function subjectNetwork(
	subject: Subject,
): { readonly network: Network; readonly input: z.input<ReturnType<typeof networkInput>> } | { readonly reason: string } {
	if (typeof subject.model !== 'string') return { reason: 'no network is named' };
	try {
		return { network: findNetwork(subject.model), input: { name: subject.model } };
	} catch (error) {
		if (error instanceof InputError) return { reason: error.message };
		throw error;
	}
}
