/**
 * A system as JSON: the same facts as the three sheets, under names that say their units. This schema is also what the rows
 * of a table are checked against, so that every route into the model has the same bounds.
 */
import { InputError, type Path, parseOrExplain } from '@assay/contract';
import { z } from 'zod';
import { type Detector, defaultRoutingLatencyS, type Processor, type SystemDescription, type SystemNode } from './graph.ts';

const number = (unit: string, min: number, max: number, description: string) =>
	z.number().min(min).max(max).meta({ unit, description });
const name = z
	.string()
	.trim()
	.min(1)
	.max(200)
	.regex(/^[^;]*$/, 'a name without semicolons');
const coefficients = z
	.array(number('1', -9e15, 9e15, 'Coefficient of one power.'))
	.min(1)
	.max(8);

const nodeFields = {
	name: name.meta({ description: 'Name of the node, used once.' }),
	outputs: z.array(name).max(64).meta({ description: 'Names of the processors this node feeds; none for the sink.' }),
	dataBytes: number('B', 0, 1e15, 'Bytes this node adds to a message.'),
	compression: number('1', 0, 1, 'Fraction of the message removed before it is passed on.').default(0),
	linkEnergyJPerBit: number('J/bit', 0, 1, 'Energy of the links that leave this node.').default(0),
	opEnergyJPerOp: number('J/op', 0, 1e9, 'Energy of one operation.').default(0),
	routingLatencyS: number('s', 0, 1e6, 'Time a message takes to the next node.').default(defaultRoutingLatencyS),
	complexity: coefficients.optional().meta({ description: 'Operations for a message of x bytes; left out, x.' }),
	parallelism: coefficients.optional().meta({ description: 'Operations in sequence for x operations; left out, 1.' }),
	notes: z
		.record(z.string().max(200), z.string().max(1000))
		.optional()
		.meta({ description: 'Cells of columns that the model does not use, by column.' }),
};

export const detectorSchema = z.strictObject({
	...nodeFields,
	outputs: nodeFields.outputs.min(1),
	sampleRateHz: number('Hz', 0, 1e15, 'Samples a second.'),
});

export const processorSchema = z.strictObject({
	...nodeFields,
	dataBytes: nodeFields.dataBytes.default(0),
	reductionRatio: number('1', 1, 1e9, 'Events in for each event out.').default(1),
	classifier: name.default('Dummy').meta({ description: 'Dummy, Gaussian, L1T, HLT or a trigger of your own.' }),
	skillMean: number('1', -1e3, 1e3, 'Mean score of relevant events of a Gaussian classifier.').default(0),
	skillVariance: number('1', 0, 1e3, 'Standard deviation of that score (the published name says variance).').default(0),
	skillBoost: number('1', -1e3, 1e3, 'Added to the score of every relevant event.').default(0),
});

/** Year of a system's technology. */
export const yearSchema = number('year', 1950, 2150, 'Year whose technology the power is scaled to.');

export const graphSchema = z.strictObject({
	technologyYear: yearSchema,
	detectors: z.array(detectorSchema).max(5000).meta({ description: 'Detectors, one a row.' }),
	processors: z.array(processorSchema).max(5000).meta({ description: 'Processors, from the categories to the sink.' }),
});

export type GraphJson = z.input<typeof graphSchema>;

/** A checked row as a detector. */
export function detectorOf(row: z.output<typeof detectorSchema>, place: Path, outputColumn: string): Detector {
	return { kind: 'detector', ...row, place, outputColumn };
}

/** A checked row as a processor. */
export function processorOf(row: z.output<typeof processorSchema>, place: Path, outputColumn: string): Processor {
	return { kind: 'processor', ...row, place, outputColumn };
}

/** Reads a system from a parsed JSON value. `place` names where it came from. */
export function graphFromJson(value: unknown, place: Path): SystemDescription {
	const parsed = parseOrExplain(graphSchema, value, place);
	return {
		technologyYear: parsed.technologyYear,
		place,
		detectors: parsed.detectors.map((row, index) => detectorOf(row, [...place, 'detectors', index], 'outputs')),
		processors: parsed.processors.map((row, index) => processorOf(row, [...place, 'processors', index], 'outputs')),
	};
}

/** Reads a system from JSON text. */
export function graphFromJsonText(text: string, file: string): SystemDescription {
	let value: unknown;
	try {
		value = JSON.parse(text.replace(/^\uFEFF/, ''));
	} catch (error) {
		const why = error instanceof Error ? error.message : String(error);
		throw new InputError({ path: [file], found: `text that is not JSON (${why.slice(0, 120)})`, expected: 'a system as JSON' });
	}
	return graphFromJson(value, [file]);
}

/** A system as JSON; reading it back gives the same system. */
export function graphToJson(description: SystemDescription): GraphJson {
	return {
		technologyYear: description.technologyYear,
		detectors: description.detectors.map((node) => ({ ...shared(node), sampleRateHz: node.sampleRateHz })),
		processors: description.processors.map((node) => ({
			...shared(node),
			reductionRatio: node.reductionRatio,
			classifier: node.classifier,
			skillMean: node.skillMean,
			skillVariance: node.skillVariance,
			skillBoost: node.skillBoost,
		})),
	};
}

function shared(node: SystemNode) {
	return {
		name: node.name,
		outputs: [...node.outputs],
		dataBytes: node.dataBytes,
		compression: node.compression,
		linkEnergyJPerBit: node.linkEnergyJPerBit,
		opEnergyJPerOp: node.opEnergyJPerOp,
		routingLatencyS: node.routingLatencyS,
		...(node.complexity !== undefined && { complexity: [...node.complexity] }),
		...(node.parallelism !== undefined && { parallelism: [...node.parallelism] }),
		...(node.notes !== undefined && { notes: { ...node.notes } }),
	};
}
