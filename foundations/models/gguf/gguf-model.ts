/** What a GGUF file's metadata says of a transformer. */
import { InputError, show } from '@assay/contract';
import { readHuggingFaceConfig } from '../hugging-face.ts';
import type { TransformerModel } from '../transformer.ts';
import type { GgufHead } from './read-gguf.ts';

/** Architectures whose metadata says all that their config.json would. */
const MODEL_TYPES: Readonly<Record<string, string>> = { llama: 'llama', qwen2: 'qwen2', qwen3: 'qwen3', mistral: 'mistral' };

/** The model of a file. Raises an `InputError` for architectures that are not known and for metadata that lacks something. */
export function ggufModel({ metadata, tensors }: GgufHead, fileName: string): TransformerModel {
	const architecture = metadata.get('general.architecture');
	const modelType = typeof architecture === 'string' ? MODEL_TYPES[architecture] : undefined;
	if (modelType === undefined) {
		throw new InputError({
			path: [fileName, 'general.architecture'],
			found: show(architecture),
			expected: `one of ${Object.keys(MODEL_TYPES).join(', ')}`,
		});
	}
	const number = (key: string): number | undefined => {
		const value = metadata.get(`${architecture}.${key}`);
		return typeof value === 'number' ? value : undefined;
	};
	const embedding = tensors.find(({ name }) => name === 'token_embd.weight');
	const hidden = number('embedding_length');
	const heads = number('attention.head_count');
	const required = {
		embedding_length: hidden,
		'attention.head_count': heads,
		block_count: number('block_count'),
		feed_forward_length: number('feed_forward_length'),
	};
	for (const [key, value] of Object.entries(required)) {
		if (value === undefined)
			throw new InputError({ path: [fileName, `${architecture}.${key}`], found: 'nothing', expected: 'a number' });
	}
	const config = {
		model_type: modelType,
		hidden_size: hidden,
		num_hidden_layers: number('block_count'),
		num_attention_heads: heads,
		num_key_value_heads: number('attention.head_count_kv') ?? heads,
		intermediate_size: number('feed_forward_length'),
		vocab_size: number('vocab_size') ?? embedding?.shape[1],
		max_position_embeddings: number('context_length'),
		tie_word_embeddings: !tensors.some(({ name }) => name === 'output.weight'),
		...(number('attention.key_length') !== undefined && { head_dim: number('attention.key_length') }),
	};
	const name = metadata.get('general.name');
	try {
		return readHuggingFaceConfig(config, typeof name === 'string' && name !== '' ? name.slice(0, 200) : fileName);
	} catch (error) {
		if (error instanceof InputError)
			throw new InputError({ path: [fileName], found: error.message, expected: 'metadata of a transformer' });
		throw error;
	}
}
