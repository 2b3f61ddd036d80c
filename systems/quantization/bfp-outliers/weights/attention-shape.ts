/** What must be known of a model's attention beyond its tensors: heads, and which channels turn. */
import { InputError, type Path, show } from '@assay/contract';
import type { TransformerModel } from '@assay/models';
import { z } from 'zod';
import type { Rotary } from '../ksort/rotary.ts';

export interface AttentionShape {
	readonly layers: number;
	readonly heads: number;
	readonly keyValueHeads: number;
	readonly headDim: number;
	readonly rotary: Rotary;
	/** Gains of norms are stored less 1 (Gemma). */
	readonly gainOffset: number;
}

/** What a user may state over what the config says. */
export interface RotaryInput {
	readonly width?: number | undefined;
	readonly convention: 'auto' | Rotary['convention'];
	readonly base?: number | undefined;
}

const ratio = z.number().min(0).max(1).nullish();
const base = z.number().min(1).max(1e12).nullish();
const rotaryKeys = z.object({
	model_type: z.string().nullish(),
	rope_theta: base,
	rotary_emb_base: base,
	rope_parameters: z.object({ rope_theta: base, partial_rotary_factor: ratio }).nullish(),
	partial_rotary_factor: ratio,
	rotary_pct: ratio,
	rotary_dim: z.int().min(0).max(1e6).nullish(),
});

const USUAL_BASE = 10_000;
/** Partial widths that configs leave to the library's defaults. */
const USUAL_SHARE: Readonly<Record<string, number>> = { gpt_neox: 0.25, phi: 0.5 };

/**
 * Reads the shape off a model, its config.json (where there is one) and what the user states. Raises an InputError for latent
 * attention, which caches no keys by head.
 */
export function attentionShape(model: TransformerModel, config: unknown, stated: RotaryInput, path: Path): AttentionShape {
	const { attention, position } = model;
	if (attention.kind === 'latent')
		throw new InputError({
			path: [...path, model.name],
			found: 'latent attention, which caches one latent for all heads',
			expected: 'a model that caches the keys of each head: sorting does not apply to a latent',
		});
	const parsed = rotaryKeys.safeParse(config ?? {});
	if (!parsed.success)
		throw new InputError({
			path: [...path, ...(parsed.error.issues[0]?.path.map(String) ?? [])],
			found: show(config),
			expected: 'rotary settings as in a Hugging Face config.json',
		});
	const c = parsed.data;
	const { headDim } = attention;
	const share =
		c.partial_rotary_factor ?? c.rope_parameters?.partial_rotary_factor ?? c.rotary_pct ?? USUAL_SHARE[c.model_type ?? ''] ?? 1;
	const turning = position.kind !== 'rotary' ? 0 : (c.rotary_dim ?? Math.floor(share * headDim));
	const width = stated.width ?? turning;
	if (width > headDim || width % 2 !== 0)
		throw new InputError({
			path: ['rotary', 'width'],
			found: `${width} channels`,
			expected: `an even number of at most the head’s ${headDim}`,
			nearest: String(Math.min(headDim, width - (width % 2))),
		});
	const isInterleaved = c.model_type === 'gptj';
	return {
		layers: model.layers,
		heads: attention.heads,
		keyValueHeads: attention.kvHeads,
		headDim,
		rotary: {
			width,
			convention: stated.convention === 'auto' ? (isInterleaved ? 'interleaved' : 'halves') : stated.convention,
			base: stated.base ?? c.rope_theta ?? c.rope_parameters?.rope_theta ?? c.rotary_emb_base ?? USUAL_BASE,
		},
		gainOffset: model.family.startsWith('Gemma') ? 1 : 0,
	};
}
