/** Built-in networks by name, and how large a pass through one is. */
import { InputError, nearestName, type Path, show } from '@assay/contract';
import type { GivenDimensions } from '../onnx/shapes/index.ts';
import { findModel, listModels } from '../zoo.ts';
import { networkFromTransformer } from './from-transformer/network-from-transformer.ts';
import type { Network } from './network.ts';
import { alexNets } from './zoo/alexnet.ts';
import { efficientNets } from './zoo/efficientnet.ts';
import { googLeNets } from './zoo/googlenet.ts';
import type { ImageNetwork } from './zoo/image-network.ts';
import { mobileNets } from './zoo/mobilenet.ts';
import { resNets } from './zoo/resnet.ts';
import type { SequenceNetwork } from './zoo/sequence-network.ts';
import { shuffleNets } from './zoo/shufflenet-v2.ts';
import { squeezeNets } from './zoo/squeezenet.ts';
import { t5s } from './zoo/t5.ts';
import { transformerXls } from './zoo/transformer-xl.ts';
import { uNets } from './zoo/u-net.ts';
import { vggs } from './zoo/vgg.ts';
import { xlms } from './zoo/xlm.ts';

const imageNetworks: readonly ImageNetwork[] = [
	...[alexNets, vggs, resNets, googLeNets, squeezeNets, mobileNets, shuffleNets, efficientNets, uNets].flat(),
];
const sequenceNetworks: readonly SequenceNetwork[] = [...t5s, ...xlms, ...transformerXls];

/** Tokens of a pass through a transformer, unless told. */
const STANDARD_TOKENS = 128;
const MAX_BATCH = 65_536;
const MAX_IMAGE = 16_384;
const MAX_TOKENS = 1 << 24;

/** A dimension that a built-in network takes. */
interface NetworkDimension {
	readonly name: 'batch' | 'image' | 'tokens' | 'cachedTokens';
	readonly standard: number;
	readonly least: number;
	readonly most: number;
}

type Sizes = Record<NetworkDimension['name'], number>;

/** Names of all built-in networks, those of known transformers included, and the dimensions each takes. */
export function listNetworks(): readonly {
	readonly name: string;
	readonly title: string;
	readonly dimensions: readonly string[];
}[] {
	return [
		...imageNetworks.map(({ name, title }) => ({ name, title, dimensions: ['batch', 'image'] })),
		...sequenceNetworks.map(({ name, title, caches }) => ({
			name,
			title,
			dimensions: caches ? ['batch', 'tokens', 'cachedTokens'] : ['batch', 'tokens'],
		})),
		...listModels().map(({ name }) => ({ name, title: name, dimensions: ['batch', 'tokens', 'cachedTokens'] })),
	];
}

/**
 * A built-in network by name, ignoring case: one of the tables here or a known transformer. `dimensions`: `batch`, and `image` (height and
 * width in pixels) or `tokens` and `cachedTokens`. Raises an `InputError` under `place` with the nearest name or the dimension's bounds.
 */
export function findNetwork(name: string, dimensions: GivenDimensions = {}, place: Path = ['network']): Network {
	const wanted = name.trim().toLowerCase();
	const batch = { name: 'batch', standard: 1, least: 1, most: MAX_BATCH } as const;
	const image = imageNetworks.find((network) => network.name === wanted);
	if (image !== undefined) {
		const size = { name: 'image', standard: image.image, least: 1, most: MAX_IMAGE } as const;
		const given = numbers(dimensions, [batch, size], place);
		return tooSmall(() => image.build(given), { ...given, standard: image.image }, place);
	}
	const tokens = (standard: number, most = MAX_TOKENS) => ({ name: 'tokens', standard, least: 1, most }) as const;
	const cached = (standard: number) => ({ name: 'cachedTokens', standard, least: 0, most: MAX_TOKENS }) as const;
	const sequence = sequenceNetworks.find((network) => network.name === wanted);
	if (sequence !== undefined) {
		const takes = [
			batch,
			tokens(Math.min(sequence.tokens, sequence.mostTokens ?? MAX_TOKENS), sequence.mostTokens),
			...(sequence.caches ? [cached(sequence.cachedTokens)] : []),
		];
		return sequence.build(numbers(dimensions, takes, place));
	}
	const known = listModels().some((model) => [model.name, ...(model.aliases ?? [])].some((one) => one.toLowerCase() === wanted));
	if (known)
		return networkFromTransformer(
			findModel(name),
			numbers(dimensions, [batch, tokens(STANDARD_TOKENS), cached(0)], place),
			place,
		);
	throw new InputError({
		path: place,
		found: show(name),
		expected: 'the name of a built-in network or of a known model',
		nearest: nearestName(
			wanted,
			listNetworks().map((network) => network.name),
		),
	});
}

function numbers(given: GivenDimensions, dimensions: readonly NetworkDimension[], place: Path): Sizes {
	const names = dimensions.map(({ name }) => name as string);
	for (const name of Object.keys(given)) {
		if (names.includes(name)) continue;
		throw new InputError({
			path: [...place, name],
			found: 'a dimension that the network does not have',
			expected: `one of ${names.join(', ')}`,
			nearest: nearestName(name, names),
		});
	}
	const entries = dimensions.map(({ name, standard, least, most }) => {
		const value = given[name] ?? standard;
		if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most)
			throw new InputError({ path: [...place, name], found: show(value), expected: `a whole number from ${least} to ${most}` });
		return [name, value] as const;
	});
	return { batch: 1, image: 1, tokens: 1, cachedTokens: 0, ...Object.fromEntries(entries) };
}

/** Images that windows do not fit into leave nothing to compute on. */
function tooSmall(
	build: () => Network,
	{ image, standard }: { readonly image: number; readonly standard: number },
	place: Path,
): Network {
	const network = build();
	const empty = network.layers.find(({ outputs }) => outputs.some(({ shape }) => shape.some((size) => !(size >= 1))));
	if (empty === undefined) return network;
	throw new InputError({
		path: [...place, 'image'],
		found: `${image} pixels, of which ${empty.name} leaves nothing`,
		expected: `a larger image, for example ${standard}`,
	});
}
