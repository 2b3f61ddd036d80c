/**
 * How a checkpoint is cut over ranks: tensor, pipeline, expert and data parallel sizes, and a rule per tensor. A layout is a small JSON
 * file that lies beside the checkpoint; the names of its fields and values are the field's own (Megatron, ZeRO).
 */
import { InputError, parseOrExplain } from '@assay/contract';
import { z } from 'zod';

const parallelSize = z.int().min(1).max(100_000).default(1);

const ruleSchema = z.strictObject({
	/** Names it is for: `*` stands for one part between dots (or a piece of it), `**` for any number of parts. The first rule that matches counts. */
	match: z.string().min(1).max(300),
	/** `column`: the first dimension over tensor-parallel ranks; `row`: the second; `vocabulary`: the first, of a padded table. */
	split: z.enum(['column', 'row', 'vocabulary', 'replicated']).default('replicated'),
	/** Relative sizes of fused parts (query, key, value; gate, up) along the first dimension: each is split by itself. */
	parts: z.array(z.int().min(1).max(1_000_000)).min(1).max(64).default([1]),
	/** `leading`: dimension 0 counts experts and is split over expert-parallel ranks (the others move by one); `name`: the name's `experts.<number>`. */
	experts: z.enum(['leading', 'name']).nullable().default(null),
	/** Rows of a vocabulary without padding; left out: all rows count. */
	rows: z.int().min(1).max(100_000_000).optional(),
	/** A vocabulary is padded to a multiple of this times the tensor-parallel size. */
	multiple: z.int().min(1).max(1_000_000).default(1),
	/** Where a tensor without a layer number lives. `both`: a copy at either end, as of a tied embedding. */
	stage: z.enum(['first', 'last', 'both']).default('first'),
	/** Whether the optimizer keeps states of it. */
	trained: z.boolean().default(true),
});

/** A rule for some tensors. */
export type LayoutRule = z.output<typeof ruleSchema>;

const rulePresets = {
	/** Llama, Mistral, Qwen, Mixtral and others under the transformers library's names; a head that is not split otherwise. */
	'hugging-face': [
		{ match: '**.embed_tokens.weight', split: 'vocabulary' },
		{ match: 'lm_head.weight', split: 'vocabulary', stage: 'last' },
		{ match: '**.experts.*.w1.weight', split: 'column', experts: 'name' },
		{ match: '**.experts.*.w3.weight', split: 'column', experts: 'name' },
		{ match: '**.experts.*.w2.weight', split: 'row', experts: 'name' },
		{ match: '**.experts.*.gate_proj.weight', split: 'column', experts: 'name' },
		{ match: '**.experts.*.up_proj.weight', split: 'column', experts: 'name' },
		{ match: '**.experts.*.down_proj.weight', split: 'row', experts: 'name' },
		{ match: '**.experts.gate_up_proj', split: 'column', experts: 'leading', parts: [1, 1] },
		{ match: '**.experts.down_proj', split: 'row', experts: 'leading' },
		{ match: '**.q_proj.*', split: 'column' },
		{ match: '**.k_proj.*', split: 'column' },
		{ match: '**.v_proj.*', split: 'column' },
		{ match: '**.self_attn.o_proj.weight', split: 'row' },
		{ match: '**.mlp.gate_proj.*', split: 'column' },
		{ match: '**.mlp.up_proj.*', split: 'column' },
		{ match: '**.mlp.down_proj.weight', split: 'row' },
		{ match: 'model.norm.weight', stage: 'last' },
	],
	/** ZAYA: experts over expert-parallel ranks and split inside; attention and router whole on every rank, as their values join two tokens. */
	zaya: [
		{ match: 'model.embed_tokens.weight', split: 'vocabulary', stage: 'both' },
		{ match: '**.experts.gate_up_proj', split: 'column', experts: 'leading', parts: [1, 1] },
		{ match: '**.experts.down_proj', split: 'row', experts: 'leading' },
		{ match: '**.balancing_biases', trained: false },
		{ match: 'model.norm.weight', stage: 'last' },
	],
	/** Everything whole on every rank. */
	replicated: [],
} satisfies Record<string, readonly z.input<typeof ruleSchema>[]>;

const layoutSchema = z.strictObject({
	parallel: z
		.strictObject({ tensor: parallelSize, pipeline: parallelSize, expert: parallelSize, data: parallelSize })
		.prefault({}),
	/** Layers on each pipeline stage; left out: as even as can be, the first stages one more. */
	layersPerStage: z.array(z.int().min(0).max(100_000)).max(100_000).optional(),
	rules: z.union([z.enum(['hugging-face', 'zaya', 'replicated']), z.array(ruleSchema).max(10_000)]).default('hugging-face'),
	/** Null: weights only. */
	optimizer: z
		.strictObject({
			/** `sharded`: ZeRO-1, a rank's tensors end to end, padded and cut evenly over data-parallel ranks; `whole-matrices`: each tensor whole on one of them (Muon). */
			kind: z.enum(['sharded', 'whole-matrices']).default('sharded'),
			/** Names of the states, such as master, exp_avg, exp_avg_sq. */
			states: z
				.array(z.string().regex(/^[\w.-]{1,60}$/))
				.min(1)
				.max(16),
			/** The end is padded to a multiple of this many values per data-parallel rank. */
			align: z.int().min(1).max(1_000_000).default(128),
		})
		.nullable()
		.default(null),
});

/** A layout with its rules spelt out. */
export interface Layout {
	readonly parallel: { readonly tensor: number; readonly pipeline: number; readonly expert: number; readonly data: number };
	readonly layersPerStage: readonly number[] | undefined;
	readonly rules: readonly LayoutRule[];
	readonly optimizer: {
		readonly kind: 'sharded' | 'whole-matrices';
		readonly states: readonly string[];
		readonly align: number;
	} | null;
}

/** What a user writes in a layout file. */
export type LayoutInput = z.input<typeof layoutSchema>;

/** Checks a layout. Raises an `InputError` that names the file and the first wrong field. */
export function parseLayout(json: unknown, fileName: string): Layout {
	const { parallel, layersPerStage, rules, optimizer } = parseOrExplain(layoutSchema, json, [fileName]);
	if (layersPerStage !== undefined && layersPerStage.length !== parallel.pipeline)
		throw new InputError({
			path: [fileName, 'layersPerStage'],
			found: `${layersPerStage.length} stages`,
			expected: `${parallel.pipeline}, as parallel.pipeline says`,
		});
	const spelt = typeof rules === 'string' ? rulePresets[rules].map((rule) => ruleSchema.parse(rule)) : rules;
	return { parallel, layersPerStage, rules: spelt, optimizer };
}

/** Reads a layout from text. */
export function parseLayoutText(text: string, fileName: string): Layout {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch (error) {
		throw new InputError({
			path: [fileName],
			found: error instanceof Error ? error.message.slice(0, 100) : 'no JSON',
			expected: 'a layout as JSON, such as {"parallel": {"tensor": 2}, "rules": "hugging-face"}',
		});
	}
	return parseLayout(json, fileName);
}

const everything = ruleSchema.parse({ match: '**' });

/** Finds the rule of a tensor by its name; without any, it is whole on every rank. */
export function ruleFinder({ rules }: Pick<Layout, 'rules'>): (name: string) => LayoutRule {
	const compiled = rules.map((rule) => ({ rule, pattern: globPattern(rule.match) }));
	return (name) => compiled.find(({ pattern }) => pattern.test(name))?.rule ?? everything;
}

function globPattern(glob: string): RegExp {
	const pieces = glob.split(/(\*\*\.?|\*)/).map((piece) => {
		if (piece === '**.') return '(?:[^.]+\\.)*';
		if (piece === '**') return '.*';
		if (piece === '*') return '[^.]*';
		return piece.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
	});
	return new RegExp(`^${pieces.join('')}$`);
}

/** The layer in a tensor's name: the number after `layers.`, `h.` or `blocks.`; undefined where there is none. */
export function layerOf(name: string): number | undefined {
	const found = /(?:^|\.)(?:layers|h|blocks)\.(\d{1,5})\./.exec(name);
	return found === null ? undefined : Number(found[1]);
}

/** The expert in a tensor's name: the number after `experts.`. */
export function expertOf(name: string): number | undefined {
	const found = /(?:^|\.)experts\.(\d{1,6})\./.exec(name);
	return found === null ? undefined : Number(found[1]);
}

/** The stage of each layer. Raises an `InputError` where the layout's stages hold another number of layers. */
export function stagesOfLayers(layout: Layout, layers: number, fileName: string): Int32Array {
	const { pipeline } = layout.parallel;
	const counts =
		layout.layersPerStage ??
		Array.from({ length: pipeline }, (_, stage) => Math.floor(layers / pipeline) + (stage < layers % pipeline ? 1 : 0));
	const held = counts.reduce((sum, count) => sum + count, 0);
	if (held !== layers)
		throw new InputError({
			path: [fileName, 'layersPerStage'],
			found: `${held} layers in all`,
			expected: `${layers}, as many as the checkpoint has`,
		});
	return Int32Array.from(counts.flatMap((count, stage) => new Array<number>(count).fill(stage)));
}
