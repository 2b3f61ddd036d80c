import type { Source } from '../source.ts';

/** No public server has these: `.invalid` never resolves, so only a mirror gives them. */
const nowhere = 'https://assay.invalid/zaya-tiny';
const licence = 'free to use';
const citation =
	'Tiny ZAYA model with random weights, made for checking implementations; outputs of Hugging Face transformers 5.18.0 (models/zaya, Apache-2.0)';

/** A tiny model of an architecture trained on AMD GPUs, and what the reference implementation makes of it. */
export const gpuCollectives: readonly Source[] = [
	{
		name: 'zaya-tiny-weights',
		title: 'ZAYA model of 3 layers, hidden 32, 4 experts, random weights (local mirror only)',
		url: `${nowhere}/zaya_tiny.safetensors`,
		bytes: 151076,
		sha256: 'c43088637028211d032257c5c39b111bbe2dfaeaff1a14a86fe4b6487a88ca8a',
		mediaType: 'application/octet-stream',
		licence,
		citation,
		mirror: { path: 'zaya-amd/zaya_tiny.safetensors' },
	},
	{
		name: 'zaya-tiny-expected',
		title: 'Its logits, hidden states and router decisions on two sequences of 12 tokens (local mirror only)',
		url: `${nowhere}/zaya_tiny_expected.json`,
		bytes: 79096,
		sha256: 'a083950f5de030351a8bf5ae22df7a5c9028c19951607e98f410058e3536e7a7',
		mediaType: 'application/json',
		licence,
		citation,
		mirror: { path: 'zaya-amd/zaya_tiny_expected.json' },
	},
];
