/** Networks of Keras layers: a graph of layers, or a list of them, either of which may be a layer of another. */
import { InputError, parseOrExplain } from '@assay/contract';
import { z } from 'zod';
import { inOrder } from './in-order.ts';

/** Names of a layer, of which of its uses, and of which of its outputs. */
const tensorSchema = z.tuple([z.string(), z.int().min(0), z.int().min(0)], z.unknown());

const layerSchema = z.object({
	class_name: z.string(),
	name: z.string().optional(),
	// The oldest lists of layers have no object around them.
	config: z
		.union([z.record(z.string(), z.unknown()), z.array(z.unknown()).transform((layers) => ({ layers }))])
		.pipe(z.record(z.string(), z.unknown())),
	inbound_nodes: z.array(z.array(tensorSchema)).default([]),
});

type LayerJson = z.output<typeof layerSchema>;

export interface KerasLayer {
	readonly name: string;
	/** Such as Conv2D. */
	readonly className: string;
	readonly config: Readonly<Record<string, unknown>>;
	/** A network that is used as a layer. */
	readonly network: KerasModel | undefined;
	/** Names of the layers that it reads; for the first of a list, none. */
	readonly inputs: readonly string[];
}

export interface KerasModel {
	/** Each after what it reads. */
	readonly layers: readonly KerasLayer[];
	/** Names of the layers that take the input; empty for a list, whose first layer does. */
	readonly inputs: readonly string[];
	readonly outputs: readonly string[];
}

const MOST_DEPTH = 16;
const NETWORKS = new Set(['Sequential', 'Model', 'Functional']);

/** Raises an InputError that names the layer. */
export function readKeras(topology: Readonly<Record<string, unknown>>, fileName: string): KerasModel {
	const model = parseOrExplain(layerSchema, topology['model_config'] ?? topology, [fileName, 'modelTopology']);
	return readNetwork(model, fileName, 0);
}

function readNetwork({ class_name, config }: LayerJson, fileName: string, depth: number): KerasModel {
	const fail = (place: string, found: string, expected: string) => new InputError({ path: [fileName, place], found, expected });
	if (!NETWORKS.has(class_name)) throw fail('modelTopology', class_name, 'Sequential, Model or Functional');
	if (depth > MOST_DEPTH) throw fail('modelTopology', 'networks within networks', `at most ${MOST_DEPTH} levels`);
	const place = ['modelTopology', String(config['name'] ?? class_name)];
	const stored = parseOrExplain(z.array(layerSchema).min(1).max(100_000), config['layers'], [fileName, ...place, 'layers']);
	const layers: KerasLayer[] = [];
	let previous: string | undefined;
	const seen = new Set<string>();
	for (const one of stored) {
		const name = one.name ?? String(one.config['name'] ?? '');
		if (name === '' || seen.has(name)) throw fail('layers', `the name "${name}"`, 'a name of its own for each layer');
		const uses = one.inbound_nodes;
		if (uses.length > 1) throw fail(name, `${uses.length} uses of one layer`, 'layers that are used once');
		const further = uses.flat().find(([, use, output]) => use !== 0 || output !== 0);
		if (further !== undefined) throw fail(name, `a further use or output of ${further[0]}`, 'layers of one use and one output');
		const inputs = class_name === 'Sequential' ? (previous === undefined ? [] : [previous]) : uses.flat().map(([layer]) => layer);
		layers.push({
			name,
			className: one.class_name,
			config: one.config,
			network: NETWORKS.has(one.class_name) ? readNetwork(one, fileName, depth + 1) : undefined,
			inputs,
		});
		seen.add(name);
		previous = name;
	}
	if (class_name === 'Sequential') return { layers, inputs: [], outputs: [previous ?? ''] };
	const ends = (key: string) => {
		const found = config[key];
		// One end may stand without a list around it.
		const whole = Array.isArray(found) && typeof found[0] === 'string' ? [found] : found;
		return parseOrExplain(z.array(tensorSchema).min(1), whole, [fileName, ...place, key]).map(([layer]) => layer);
	};
	return { layers: inOrder(layers, fail), inputs: ends('input_layers'), outputs: ends('output_layers') };
}
