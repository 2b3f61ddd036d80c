/** What attention in one pass would bring to a chip that is being designed for a model. */
import type { Advise } from '@assay/contract';
import { subjectModel } from '@assay/models';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';

/** Longer prompts than this are rare enough not to design for. */
const LONGEST_TOKENS = 65_536;
const BUFFER_MEBIBYTES = 16;
/** Widths of heads that the published results cover. */
const COVERED_WIDTHS = [64, 128];

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'design-chip')
			return { reason: 'the one-pass design is a chip; on GPUs the same cascade is FlashAttention' };
		const model = subjectModel(subject);
		if ('reason' in model) return model;
		const tokens = Math.min(LONGEST_TOKENS, model.model.contextTokens);
		return {
			inputs: {
				model: model.input,
				batch: 1,
				lengths: [tokens],
				// Both designs on the same chip: the same buffer.
				accelerator: { bufferMebibytes: BUFFER_MEBIBYTES, baselineBufferMebibytes: BUFFER_MEBIBYTES },
				numeric: { formats: [] },
			},
		};
	},
	assess({ rows, subject, area }) {
		const longest = Math.max(0, ...rows.map(({ length }) => length));
		const of = (name: 'fusemax' | 'flat') => rows.find(({ length, design }) => length === longest && design === name);
		const [fused, flat] = [of('fusemax'), of('flat')];
		if (fused === undefined || flat === undefined) return { reason: 'the run compared no designs' };
		const latency = flat.endToEndSeconds / fused.endToEndSeconds;
		const energy = flat.endToEndJoules / fused.endToEndJoules;
		if (!(Number.isFinite(latency) && Number.isFinite(energy)) || latency <= 0 || energy <= 0)
			return { reason: 'the run has no figures to compare' };
		if (latency <= 1 && energy <= 1) return { reason: 'FLAT’s design is as fast and takes no more energy at this length' };
		const more = area.baseline.total > 0 ? (100 * area.fused.total) / area.baseline.total - 100 : 0;
		const covered =
			subject.kvHeads === subject.heads &&
			subject.queryKeyWidth === subject.valueWidth &&
			COVERED_WIDTHS.includes(subject.queryKeyWidth);
		return {
			gain: { latency, energy },
			against: `FLAT’s mapping of three-pass attention on the same array, clock, buffer and bandwidth; a whole layer at ${longest} tokens`,
			costs: {
				quality: 'none: the running softmax is exact up to rounding',
				hardware: `a maximum and 12 registers in every element of the array, ${more.toFixed(0)} % more area with the same buffer`,
				effort: 'an array that interleaves two tiles and computes exponentials on its multiply-accumulate units',
			},
			unchecked: covered
				? 'the published comparison gives FLAT twice the buffer, and is itself a simulation; no such chip was measured'
				: 'published results cover heads of 64 and 128 with as many key heads as query heads; this shape and equal buffers rest on the model alone',
		};
	},
};
