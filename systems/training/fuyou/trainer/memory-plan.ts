/**
 * What a streamed training holds in memory, and the cap on it. Buffers for weights, gradients and optimizer state pass through; activation
 * records stay as far as the cap allows, the last layers' first since backward needs them first, and go to the drive beyond.
 */
import { InputError } from '@assay/contract';
import { type GptShape, type SavedItem, savedLayout } from '@assay/learning';
import { pages, type StateLayout } from './state-layout.ts';

export interface MemoryPlanOptions {
	readonly keptItems: readonly SavedItem[];
	/** Cap on model state (weights, gradients, moments) in memory. */
	readonly stateCapBytes: number;
	/** Cap on activation records in memory. */
	readonly activationCapBytes: number;
	/** Gradients of all segments wait in memory for a separate stage as far as the cap allows. */
	readonly parkGradients: boolean;
}

export interface MemoryPlan {
	readonly weightBuffers: number;
	readonly gradientBuffers: number;
	readonly optimizerBuffers: number;
	/** Segments whose gradients wait in memory; the others' go to the drive. */
	readonly parkedSegments: readonly number[];
	/** Bytes of one layer's activation record: its input and the kept items. */
	readonly recordBytes: number;
	/** Offset of each kept item in a record. */
	readonly itemOffsets: Readonly<Partial<Record<SavedItem, number>>>;
	/** Layers whose records go to the drive: the first so many. */
	readonly spilledLayers: number;
	/** Record buffers for spilled layers. */
	readonly recordBuffers: number;
	/** Model state in memory at most. */
	readonly stateBytes: number;
	readonly activationBytes: number;
}

/** Rounded up to thousandths. */
const megabytes = (bytes: number): string => String(Math.ceil(bytes / 1000) / 1000);

/** Bytes of all model state: weights, gradients and two moments. */
export function totalStateBytes(layout: StateLayout): number {
	return 16 * layout.segments.reduce((sum, { parameters }) => sum + parameters, 0);
}

/** Raises an `InputError` where the caps are too small for two buffers of each kind. */
export function planMemory(shape: GptShape, layout: StateLayout, options: MemoryPlanOptions): MemoryPlan {
	const run = layout.largestRunBytes;
	const fewest = { weightBuffers: 2, gradientBuffers: 2, optimizerBuffers: 2 };
	const bytesOf = (buffers: typeof fewest): number =>
		run * (buffers.weightBuffers + buffers.gradientBuffers + 3 * buffers.optimizerBuffers);
	const candidates = [
		{ weightBuffers: 4, gradientBuffers: 3, optimizerBuffers: 4 },
		{ weightBuffers: 3, gradientBuffers: 2, optimizerBuffers: 3 },
		fewest,
	];
	const buffers = candidates.find((one) => bytesOf(one) <= options.stateCapBytes);
	if (buffers === undefined) {
		throw new InputError({
			path: ['train', 'stateCapMegabytes'],
			found: String(options.stateCapBytes / 1e6),
			expected: `at least ${megabytes(bytesOf(fewest))}, for two buffers of each kind`,
			nearest: megabytes(bytesOf(fewest)),
		});
	}
	let stateBytes = bytesOf(buffers);
	const parkedSegments: number[] = [];
	if (options.parkGradients) {
		for (const [segment, { runBytes }] of layout.segments.entries()) {
			if (stateBytes + runBytes > options.stateCapBytes) continue;
			stateBytes += runBytes;
			parkedSegments.push(segment);
		}
	}

	const rowBytes = pages(4 * shape.batch * shape.sequenceTokens * shape.width);
	const itemOffsets: Partial<Record<SavedItem, number>> = {};
	let recordBytes = rowBytes;
	const items = savedLayout(shape);
	for (const item of options.keptItems) {
		itemOffsets[item] = recordBytes;
		recordBytes += pages(4 * items.parts[item].length);
	}
	const records = Math.floor(options.activationCapBytes / recordBytes);
	const recordBuffers = records >= shape.layers ? 0 : Math.min(4, records);
	if (records < shape.layers && recordBuffers < 2) {
		throw new InputError({
			path: ['train', 'activationCapMegabytes'],
			found: String(options.activationCapBytes / 1e6),
			expected: `at least ${megabytes(2 * recordBytes)}, for two layers' activations`,
			nearest: megabytes(2 * recordBytes),
		});
	}
	const stay = Math.min(shape.layers, records - recordBuffers);
	return {
		...buffers,
		parkedSegments,
		recordBytes,
		itemOffsets,
		spilledLayers: shape.layers - stay,
		recordBuffers,
		stateBytes,
		activationBytes: (stay + recordBuffers) * recordBytes,
	};
}
