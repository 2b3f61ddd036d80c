import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { HUGGING_FACE_MODEL_TYPES, readHuggingFaceConfig } from './hugging-face.ts';
import { kvBytesPerToken } from './kv-cache.ts';
import { parameterCount } from './parameters.ts';
import { listModels } from './zoo.ts';

const llama = {
	architectures: ['LlamaForCausalLM'],
	model_type: 'llama',
	vocab_size: 128256,
	max_position_embeddings: 8192,
	hidden_size: 4096,
	num_hidden_layers: 32,
	num_attention_heads: 32,
	num_key_value_heads: 8,
	intermediate_size: 14336,
	rope_theta: 500000,
	torch_dtype: 'bfloat16',
};

const message = (action: () => unknown): string => {
	try {
		action();
	} catch (error) {
		if (error instanceof InputError) return error.message;
		throw error;
	}
	throw new Error('nothing was raised');
};

test('unknown keys are ignored and the name is kept', () => {
	const model = readHuggingFaceConfig({ ...llama, anything: { at: 'all' } }, 'my-llama');
	expect(model.name).toBe('my-llama');
	expect(model.parametersDtype).toBe('bf16');
	expect(parameterCount(model).total).toBe(8_030_261_248);
	expect(readHuggingFaceConfig({ ...llama, _name_or_path: 'me/mine' }).name).toBe('me/mine');
});

test('every missing key is named in one error', () => {
	const { hidden_size: _, vocab_size: __, ...rest } = llama;
	expect(message(() => readHuggingFaceConfig(rest, 'm'))).toBe(
		'm: found no vocab_size, no hidden_size, expected these keys to be given',
	);
});

test.each([
	[{ hidden_size: '4096' }, /m\.hidden_size: found "4096", expected a number/],
	[{ hidden_size: -4096 }, /m\.hidden_size: found -4096, expected at least 1/],
	[{ hidden_size: Number.NaN }, /m\.hidden_size: found NaN/],
	[{ hidden_size: 4096.5 }, /m\.hidden_size: found 4096\.5, expected an integer/],
	[{ vocab_size: 2e7 }, /m\.vocab_size: found 20000000, expected at most 10000000/],
	[{ num_hidden_layers: 100_000 }, /m\.num_hidden_layers: .*at most 10000/],
	[{ hidden_size: 4100 }, /m\.hidden_size: found 4100, expected a multiple of the 32 attention heads; did you mean 4096\?/],
	[{ num_key_value_heads: 7 }, /m\.num_key_value_heads: found 7, expected a divisor of the 32 attention heads/],
	[{ attention_bias: 'yes' }, /m\.attention_bias/],
	[{ torch_dtype: 'bfloat' }, /m\.torch_dtype: found "bfloat".*did you mean bfloat16\?/],
	[{ model_type: 'lama' }, /m\.model_type: found "lama".*did you mean llama\?/],
	[{ model_type: undefined }, /m\.model_type: found nothing/],
	[{ model_type: 'constructor' }, /m\.model_type: found "constructor"/],
	[
		{ model_type: 'mixtral', num_local_experts: 4, num_experts_per_tok: 5 },
		/m\.num_experts_per_tok: found 5, expected at most num_local_experts \(4\)/,
	],
])('a wrong value is named with its place: %o', (change, expected) => {
	expect(message(() => readHuggingFaceConfig({ ...llama, ...change }, 'm'))).toMatch(expected);
});

test.each([null, 3, 'text', [], undefined])('%o is not a config', (value) => {
	expect(message(() => readHuggingFaceConfig(value))).toMatch(/expected an object/);
});

test('Gemma 3 with vision is read for its language model, whose keys may be left to the library', () => {
	const model = readHuggingFaceConfig({
		model_type: 'gemma3',
		torch_dtype: 'bfloat16',
		text_config: {
			model_type: 'gemma3_text',
			hidden_size: 2560,
			intermediate_size: 10240,
			num_hidden_layers: 34,
			sliding_window: 1024,
		},
		vision_config: { hidden_size: 1152 },
	});
	expect(model.attention).toMatchObject({ heads: 8, kvHeads: 4, headDim: 256, slidingWindow: { tokens: 1024, layers: 29 } });
	// The text part of gemma-3-4b: 3,880,263,168 of 4,300,079,472 parameters.
	expect(parameterCount(model).total).toBe(3_880_263_168);
	expect(message(() => readHuggingFaceConfig({ model_type: 'gemma3' }))).toMatch(/text_config: found nothing/);
});

test('quantised weights set the format', () => {
	const quantised = (quantization_config: unknown) => readHuggingFaceConfig({ ...llama, quantization_config }).parametersDtype;
	expect(quantised({ quant_method: 'fp8' })).toBe('fp8');
	expect(quantised({ quant_method: 'awq', bits: 4 })).toBe('int4');
	expect(quantised({ quant_method: 'gptq', bits: 8 })).toBe('int8');
	expect(quantised(null)).toBe('bf16');
});

test('layers without experts follow decoder_sparse_step and mlp_only_layers', () => {
	const moe = {
		...llama,
		model_type: 'qwen3_moe',
		num_hidden_layers: 8,
		head_dim: 128,
		num_experts: 16,
		num_experts_per_tok: 2,
		moe_intermediate_size: 768,
		decoder_sparse_step: 2,
		mlp_only_layers: [1],
	};
	expect(readHuggingFaceConfig(moe).experts?.denseLayers).toEqual([0, 1, 2, 4, 6]);
});

test('both spellings of BLOOM’s and Falcon’s keys are read', () => {
	const bloom = { model_type: 'bloom', vocab_size: 250880, hidden_size: 64, num_hidden_layers: 2, n_head: 8 };
	expect(readHuggingFaceConfig(bloom).attention).toMatchObject({ heads: 8, headDim: 8 });
	const falcon = { model_type: 'falcon', vocab_size: 65024, hidden_size: 64, n_layer: 2, n_head: 8 };
	expect(kvBytesPerToken(readHuggingFaceConfig(falcon), 'fp16')).toBe(2 * 2 * 8 * 2);
});

test('a Qwen window holds from max_window_layers on', () => {
	const windowed = { ...llama, model_type: 'qwen2', use_sliding_window: true, sliding_window: 1000, max_window_layers: 20 };
	expect(readHuggingFaceConfig(windowed).attention).toMatchObject({ slidingWindow: { tokens: 1000, layers: 12 } });
});

const onlyInputErrors = (action: () => unknown): void => {
	try {
		action();
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
	}
};

test('arbitrary JSON raises nothing but InputError', () => {
	fc.assert(
		fc.property(fc.jsonValue(), fc.constantFrom(...HUGGING_FACE_MODEL_TYPES), (value, type) => {
			onlyInputErrors(() => readHuggingFaceConfig(value));
			if (typeof value === 'object' && value !== null)
				onlyInputErrors(() => readHuggingFaceConfig({ ...value, model_type: type }));
		}),
		{ numRuns: 1000 },
	);
});

test('a real config with any keys spoilt raises nothing but InputError, and counts stay finite', () => {
	const spoilt = fc
		.constantFrom(...listModels())
		.chain(({ config }) =>
			fc
				.dictionary(
					fc.constantFrom(...Object.keys(config)),
					fc.oneof(fc.jsonValue(), fc.integer(), fc.double(), fc.constant(undefined), fc.nat(64)),
				)
				.map((change) => ({ ...config, ...change })),
		);
	fc.assert(
		fc.property(spoilt, (config) => {
			onlyInputErrors(() => {
				const count = parameterCount(readHuggingFaceConfig(config));
				expect(Number.isFinite(count.total) && count.total > 0).toBe(true);
			});
		}),
		{ numRuns: 2000 },
	);
});
