/** The model a cluster serves: what it takes of a machine's memory, and its shape where times must be estimated. */
import { InputError, type Path, type RunContext } from '@assay/contract';
import {
	bytesPerValue,
	cacheFormat,
	kvBytesPerToken,
	parameterCount,
	resolveModel,
	type TransformerModel,
	weightBytes,
} from '@assay/models';

export interface ServedModel {
	readonly name: string;
	/** Name under which profiles know it. */
	readonly profileName: string;
	readonly weightBytes: number;
	/** KV-cache bytes of one token of context. */
	readonly kvBytesPerToken: number;
	readonly parameters: number;
	readonly shape: TransformerModel;
}

/** Weights as the published simulator charges them (fp16), where they are not twice the number of parameters. */
const published: Readonly<Record<string, { readonly knownAs: string; readonly weightBytes: number }>> = {
	'bloom-176b': { knownAs: 'bloom-176b', weightBytes: 329e9 },
	'llama2-70b': { knownAs: 'llama-2-70b', weightBytes: 135e9 },
};

export interface ModelReference {
	readonly name: string;
	/** Data reference of a Hugging Face config.json; wins over the name. */
	readonly config?: string | undefined;
	/** Charge a key-value head for every query head, as the published simulator does. */
	readonly fullMultiHeadKv: boolean;
}

export async function resolveServedModel(reference: ModelReference, context: Pick<RunContext, 'open'>): Promise<ServedModel> {
	if (reference.config !== undefined) {
		const file = await context.open(reference.config);
		const shape = resolveModel(parseJson(await file.text(1 << 20), file.name), [file.name]);
		return describe(shape.name, shape.name, shape, weightBytes(shape), reference.fullMultiHeadKv, ['model', 'config']);
	}
	const { name, shape, bytes } = knownModel(reference.name);
	return describe(name, name, shape, bytes, reference.fullMultiHeadKv, ['model', 'name']);
}

function knownModel(written: string): { name: string; shape: TransformerModel; bytes: number } {
	const wanted = written.trim().toLowerCase();
	const name = wanted === 'llama-2-70b' ? 'llama2-70b' : wanted;
	const known = published[name];
	const shape = resolveModel(known?.knownAs ?? name, ['model', 'name']);
	return { name, shape, bytes: known?.weightBytes ?? weightBytes(shape) };
}

function describe(
	name: string,
	profileName: string,
	shape: TransformerModel,
	bytes: number,
	fullMultiHeadKv: boolean,
	place: Path,
): ServedModel {
	if (!shape.causal)
		throw new InputError({ path: place, found: `${name}, an encoder`, expected: 'a model that generates tokens' });
	const { attention } = shape;
	// Keys and values of every query head.
	const cached =
		fullMultiHeadKv && attention.kind !== 'latent'
			? 2 * shape.layers * attention.heads * attention.headDim * bytesPerValue(cacheFormat(shape))
			: kvBytesPerToken(shape);
	return { name, profileName, weightBytes: bytes, kvBytesPerToken: cached, parameters: parameterCount(shape).total, shape };
}

function parseJson(text: string, file: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new InputError({
			path: [file],
			found: error instanceof Error ? error.message.slice(0, 100) : 'no JSON',
			expected: 'JSON as in a Hugging Face config.json',
		});
	}
}
