/** All five designs on one attention, with energy and the products around it. */
import type { Accelerator } from '../accelerator.ts';
import type { AcceleratorCard } from '../accelerator-card.ts';
import type { AttentionShape } from '../attention-shape.ts';
import { type EnergyAction, energyJoules, productJoules, totalJoules } from '../energy.ts';
import { mapFlat } from '../flat-mapper.ts';
import { type LinearProduct, runLinear } from '../linear-products.ts';
import { requiredBytes } from '../query-blocks.ts';
import { type DesignName, designNames } from './design-name.ts';
import type { DesignResult } from './design-result.ts';
import { type FlatMapping, runFlat } from './flat.ts';
import { runOnePass } from './one-pass.ts';
import { fewestReads, runUnfused } from './unfused.ts';

export interface ComparedDesign extends DesignResult {
	readonly design: DesignName;
	readonly energy: Readonly<Record<EnergyAction, number>>;
	readonly joules: number;
	/** With the products around attention; attention alone where none are known. */
	readonly endToEndSeconds: number;
	readonly endToEndJoules: number;
	/** Of FLAT. */
	readonly mapping: FlatMapping | null;
	/** P1 and P2 of the one-pass designs; times that keys are read by the unfused one. */
	readonly blocking: { readonly tilesPerBlock: number; readonly blocks: number } | null;
	/** Least on the chip that the design works with; null where it spills instead. */
	readonly requiredBytes: number | null;
}

export interface CompareOptions {
	/** A mapping for FLAT, and how often the unfused design reads keys, in place of the best. */
	readonly flatMapping?: FlatMapping;
	readonly unfusedReads?: number;
}

/** Runs all designs, slowest first in name. Raises an `InputError` where the buffer of the one-pass design holds no tile. */
export function compareDesigns(
	shape: AttentionShape,
	card: AcceleratorCard,
	products: readonly LinearProduct[],
	options: CompareOptions = {},
): ComparedDesign[] {
	// What the design that is asked about cannot hold is the user's to know; its ancestor needs more and is then left out.
	const fusemax = compareOne('fusemax', shape, card, products, options);
	return designNames.flatMap((design): ComparedDesign[] => {
		if (design === 'fusemax') return [fusemax];
		if (design === 'cascade' && storedTilesNeed(shape, card) > card.fused.buffer.bytes) return [];
		return [compareOne(design, shape, card, products, options)];
	});
}

/** Bytes that the one-pass cascade needs on the baseline's elements. */
export const storedTilesNeed = (shape: AttentionShape, { fused }: AcceleratorCard): number =>
	requiredBytes(shape, fused.array.rows, fused.wordBytes, 1, 'stored');

function compareOne(
	design: DesignName,
	shape: AttentionShape,
	card: AcceleratorCard,
	products: readonly LinearProduct[],
	options: CompareOptions,
): ComparedDesign {
	const baseline = design === 'unfused' || design === 'flat';
	const accelerator: Accelerator = baseline ? card.baseline : card.fused;
	const energies = baseline ? card.baselineEnergies : card.fusedEnergies;
	const { wordBytes } = accelerator;
	const side = accelerator.array.rows;
	let result: DesignResult;
	let mapping: FlatMapping | null = null;
	let blocking: ComparedDesign['blocking'] = null;
	if (design === 'unfused') {
		const reads = options.unfusedReads ?? fewestReads(shape, accelerator);
		result = runUnfused(shape, accelerator, reads);
	} else if (design === 'flat') {
		mapping = options.flatMapping ?? mapFlat(shape, accelerator).mapping;
		result = runFlat(shape, accelerator, mapping);
	} else {
		const { queryBlocks, ...onePass } = runOnePass(shape, accelerator, design);
		result = onePass;
		blocking = queryBlocks;
	}
	const energy = energyJoules(
		{
			design,
			shape,
			side,
			wordBytes,
			trafficBytes: result.trafficBytes,
			includeRegisters: card.includeRegisters,
			...(mapping !== null && { mapping }),
		},
		energies,
	);
	const joules = totalJoules(energy);
	const linear = runLinear(products, accelerator);
	return {
		...result,
		design,
		energy,
		joules,
		endToEndSeconds: result.latencySeconds + linear.latencySeconds,
		endToEndJoules: joules + productJoules(linear, side, wordBytes, energies, card.includeRegisters),
		mapping,
		blocking,
		requiredBytes: baseline ? null : requiredBytes(shape, side, wordBytes, 1, design === 'cascade' ? 'stored' : 'fused'),
	};
}
