/** One run: the attention on all designs and lengths, what moves them, and the passes of the cascade. */
import { InputError, type RunContext } from '@assay/contract';
import { peakMacsPerSecond } from '@assay/machines';
import { type AcceleratorCard, cardOf } from './accelerator-card.ts';
import { areaOf } from './area.ts';
import { type AttentionShape, paddedShare, ranksOf } from './attention-shape.ts';
import { taxonomy } from './cascades/taxonomy.ts';
import { type ComparedDesign, compareDesigns, storedTilesNeed } from './designs/compare-designs.ts';
import { designTitles } from './designs/design-name.ts';
import { computeCycles, onePassCycles } from './designs/one-pass.ts';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import { paretoSides, paretoSweep } from './pareto.ts';
import { runCascadeText } from './run-cascade-text.ts';
import { sensitivity } from './sensitivity.ts';
import { resolveSubject } from './subject/resolve-subject.ts';
import { type AttentionSubject, attentionOf, productsOf } from './subject/subject.ts';
import { simulateTiles } from './timeline.ts';

/** Tiles of keys that the timeline shows. */
const TIMELINE_TILES = 8;

interface Case {
	readonly length: number;
	readonly shape: AttentionShape;
	readonly tokens: number;
}

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading the model');
	await context.pause();
	const subject = await resolveSubject(inputs, context);
	const card = cardOf(inputs);
	const cases = casesOf(subject, inputs);
	const notes = [...subject.notes, ...paddingNotes(cases, card, inputs, subject.stated !== null)];
	const [first] = cases;
	const stored = first === undefined ? 0 : storedTilesNeed(first.shape, card);
	if (stored > card.fused.buffer.bytes)
		notes.push(
			`The ${designTitles.cascade} is left out: it needs ${(stored / 2 ** 20).toPrecision(3)} MiB on the chip for one tile.`,
		);
	context.progress(0.05, 'comparing the designs');
	const rows: Outputs['rows'] = [];
	let longest: { readonly one: Case; readonly designs: readonly ComparedDesign[] } | undefined;
	for (const [index, one] of cases.entries()) {
		const designs = compareDesigns(one.shape, card, productsOf(subject, one.tokens));
		rows.push(...designs.map((design) => rowOf(design, one.length, designs, card.fused.array.clockHertz)));
		if (longest === undefined || one.length > longest.one.length) longest = { one, designs };
		context.progress(0.05 + (0.35 * (index + 1)) / cases.length, `${one.length} tokens`);
		await context.pause();
	}
	if (longest === undefined) throw new RangeError('no length');
	const { shape } = longest.one;
	const changes = sensitivity(shape, card, longest.designs);
	context.progress(0.5, 'array sizes');
	const pareto: Outputs['pareto'] = [];
	for (const { length, shape: one } of cases) {
		const sides = [...new Set([...paretoSides, card.fused.array.rows])].sort((a, b) => a - b);
		pareto.push(...paretoSweep(one, card.fused, card.fusedAreas, sides).map((point) => ({ length, ...point })));
		await context.pause();
	}
	context.progress(0.6, 'the cascade');
	const cascade = await runCascadeText(inputs, shape, card.fused.array.rows, context);
	const { E, F } = ranksOf(shape);
	const outputs: Outputs = {
		answer: answer(subject, longest.one, longest.designs, inputs.batch),
		subject: {
			name: subject.name,
			source: subject.source,
			...subject.heads,
			batch: shape.batch,
			layers: subject.layers,
			hasProducts: subject.products.length > 0,
		},
		notes,
		rows,
		area: { fused: areaOf(card.fused, card.fusedAreas, true), baseline: areaOf(card.baseline, card.baselineAreas, false) },
		roof: { peakPerSecond: peakMacsPerSecond(card.fused.array), bytesPerSecond: card.fused.bytesPerSecond },
		macs: cases.map(({ length, shape: { batch, heads, keys, queries } }) => ({
			length,
			macs: batch * heads * keys * queries * (E + F),
		})),
		changes,
		pareto,
		timeline: timelineOf(shape, card),
		cascade,
		taxonomy: taxonomy(),
	};
	context.progress(1, 'done');
	return outputs;
}

function casesOf(subject: AttentionSubject, { lengths, queries, batch }: Inputs): Case[] {
	const { stated } = subject;
	if (stated !== null) {
		const shape = attentionOf(subject, stated.batch, stated.keys, stated.queries);
		return [{ length: stated.keys, shape, tokens: stated.batch * stated.queries }];
	}
	return [...new Set(lengths)]
		.sort((a, b) => a - b)
		.map((length) => ({
			length,
			shape: attentionOf(subject, batch, length, queries ?? length),
			tokens: batch * (queries ?? length),
		}));
}

/** Says how much work is padding, or refuses lengths that need it. */
function paddingNotes(
	cases: readonly Case[],
	card: AcceleratorCard,
	{ padding, lengths }: Pick<Inputs, 'padding' | 'lengths'>,
	stated: boolean,
): string[] {
	const side = card.fused.array.rows;
	return cases.flatMap(({ length, shape }): string[] => {
		const share = paddedShare(shape, side);
		if (share === 0) return [];
		if (padding === 'refused') {
			const given = shape.keys % side !== 0 ? ['lengths', lengths.indexOf(length)] : ['queries'];
			const field = stated ? ['onnx', 'dimensions'] : given;
			const found = shape.keys % side !== 0 ? shape.keys : shape.queries;
			throw new InputError({
				path: field,
				found: String(found),
				expected: `a multiple of the array’s side, ${side} (or padding allowed)`,
				nearest: String(Math.max(side, Math.round(found / side) * side)),
			});
		}
		const tiles = `${Math.ceil(shape.keys / side)} by ${Math.ceil(shape.queries / side)}`;
		return [
			`At ${length} tokens ${tiles} tiles of ${side} are computed; ${(100 * share).toFixed(1)} % of their work is padding.`,
		];
	});
}

function rowOf(one: ComparedDesign, length: number, all: readonly ComparedDesign[], clockHertz: number): Outputs['rows'][number] {
	const latencyOf = (name: ComparedDesign['design']) => all.find(({ design }) => design === name)?.latencySeconds ?? Number.NaN;
	const { cycles, blocking, ...figures } = one;
	return {
		...figures,
		length,
		blocking: blocking === null ? null : { tilesPerBlock: blocking.tilesPerBlock, blocks: blocking.blocks },
		speedupOverUnfused: latencyOf('unfused') / one.latencySeconds,
		speedupOverFlat: latencyOf('flat') / one.latencySeconds,
		einsums: cycles.map((einsum) => ({ ...einsum, share: einsum.cycles / clockHertz / one.latencySeconds })),
	};
}

/** A few tiles of keys for one tile of queries, simulated and by the closed form. */
function timelineOf(shape: AttentionShape, card: AcceleratorCard): Outputs['timeline'] {
	const { E, F } = ranksOf(shape);
	const side = card.fused.array.rows;
	const { jobs, cycles } = simulateTiles({ E, F }, TIMELINE_TILES, 1);
	const closedForm = (tiles: number) => {
		const few = { ...shape, batch: 1, heads: 1, keys: tiles * side, queries: side };
		return computeCycles(onePassCycles(few, side, 'fusemax'), side, 'fusemax');
	};
	return {
		keyTiles: TIMELINE_TILES,
		simulatedCycles: cycles,
		closedFormCycles: closedForm(TIMELINE_TILES),
		tileCycles: closedForm(2) - closedForm(1),
		jobs: [...jobs],
	};
}

/** 2.579 µs, 1892 s. */
function duration(seconds: number): string {
	const [unit, scale]: [string, number] = seconds < 1e-3 ? ['µs', 1e6] : seconds < 1 ? ['ms', 1e3] : ['s', 1];
	return `${Number((seconds * scale).toPrecision(4))} ${unit}`;
}

function answer(subject: AttentionSubject, { length }: Case, designs: readonly ComparedDesign[], batch: number): string {
	const of = (name: ComparedDesign['design']) => designs.find(({ design }) => design === name) as ComparedDesign;
	const [fused, flat] = [of('fusemax'), of('flat')];
	const speedup = flat.latencySeconds / fused.latencySeconds;
	const sequences = subject.stated?.batch ?? batch;
	const times = speedup >= 1 ? `${speedup.toFixed(2)} times as fast as` : `${(1 / speedup).toFixed(2)} times as slow as`;
	const energy = `${((100 * fused.joules) / flat.joules).toFixed(0)} % of its energy`;
	return (
		`${subject.name}, ${length} tokens, ${sequences} sequence${sequences === 1 ? '' : 's'}: a layer’s attention in one pass takes ` +
		`${duration(fused.latencySeconds)}, ${times} ${designTitles.flat}, at ${energy}; ` +
		`the limit is ${fused.limit === 'compute' ? 'both arrays in turn' : fused.limit === 'memory' ? 'memory' : `the ${fused.limit}`}.`
	);
}
