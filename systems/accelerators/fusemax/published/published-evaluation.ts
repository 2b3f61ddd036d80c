/** The published evaluation run anew: four models at six lengths on all designs, with FLAT and the unfused design mapped as published. */
import { cloudCard } from '../accelerator-card.ts';
import type { AttentionShape } from '../attention-shape.ts';
import { type ComparedDesign, compareDesigns } from '../designs/compare-designs.ts';
import type { DesignName } from '../designs/design-name.ts';
import {
	PUBLISHED_BATCH,
	type PublishedName,
	publishedLengths,
	publishedNames,
	publishedShapes,
} from '../subject/published-shapes.ts';
import { attentionOf, productsOf } from '../subject/subject.ts';
import { publishedFlatMapping, publishedUnfusedReads } from './flat-mappings.ts';

export interface EvaluationRow {
	readonly model: PublishedName;
	readonly length: number;
	readonly shape: AttentionShape;
	readonly designs: Readonly<Record<DesignName, ComparedDesign>>;
}

/** All 24 rows. */
export function runPublishedEvaluation(): EvaluationRow[] {
	return publishedNames.flatMap((model) =>
		publishedLengths.map((length): EvaluationRow => {
			const subject = publishedShapes[model];
			const shape = attentionOf(subject, PUBLISHED_BATCH, length, length);
			const [unfused, flat, cascade, architecture, fusemax] = compareDesigns(
				shape,
				cloudCard,
				productsOf(subject, PUBLISHED_BATCH * length),
				{ flatMapping: publishedFlatMapping(shape), unfusedReads: publishedUnfusedReads(shape) },
			) as [ComparedDesign, ComparedDesign, ComparedDesign, ComparedDesign, ComparedDesign];
			return { model, length, shape, designs: { unfused, flat, cascade, architecture, fusemax } };
		}),
	);
}
