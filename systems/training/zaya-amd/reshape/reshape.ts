/**
 * Reshapes a checkpoint: checks the source whole, hashes every logical tensor of it (every copy of it, so that ranks that have drifted
 * apart are found), copies, hashes the target and compares. Bytes are moved and never computed with.
 */
import { InputError } from '@assay/contract';
import { encodeSafetensorsHeader, SAFETENSORS_BITS, type SafetensorsHeader } from '@assay/models';
import { type ByteSource, type ByteTarget, RunCopier, WindowReader } from './byte-files.ts';
import { type CheckpointShape, logicalName, type Placement, shapeCheckpoint } from './checkpoint.ts';
import { allCopies, copyRuns, firstCopy, type StoreLocator } from './copy-plan.ts';
import { wholeDimension } from './dimension-split.ts';
import type { Layout } from './layout.ts';
import type { HeadedFile, LocatedCheckpoint } from './source-checkpoint.ts';
import { locateCheckpoint } from './source-checkpoint.ts';

/** A digest that takes bytes piece by piece: SHA-256 as hexadecimal text. */
export interface Hash {
	update(bytes: Uint8Array): void;
	digest(): string;
}
export type HashFactory = () => Hash;

/** A logical tensor in a manifest. */
export interface ManifestEntry {
	readonly name: string;
	readonly dtype: string;
	readonly shape: readonly number[];
	/** SHA-256 of its values in row-major order, without padding. */
	readonly sha256: string;
}

/** A source whose files can be read, and the files a target will have. */
export interface ReshapePlan {
	readonly source: LocatedCheckpoint;
	readonly sourceFiles: readonly HeadedFile[];
	readonly target: CheckpointShape;
	/** Header of each file of the target: the bytes to write first, and where its tensors go. */
	readonly targetHeaders: readonly { readonly name: string; readonly bytes: Uint8Array; readonly header: SafetensorsHeader }[];
}

/** Checks the source against its layout and lays out the target. Nothing is written; raises an `InputError` for anything that is wrong. */
export function planReshape(
	files: readonly HeadedFile[],
	sourceLayout: Layout,
	targetLayout: Layout,
	names: { readonly source: string; readonly target: string },
): ReshapePlan {
	const source = locateCheckpoint(files, sourceLayout, names.source);
	const wanted = targetLayout.optimizer?.states ?? [];
	for (const [i, state] of wanted.entries()) {
		if (sourceLayout.optimizer?.states.includes(state) === true) continue;
		throw new InputError({
			path: [names.target, 'optimizer', 'states', i],
			found: JSON.stringify(state),
			expected: `one of the source’s states (${sourceLayout.optimizer?.states.join(', ') ?? 'it has none'})`,
		});
	}
	const target = shapeCheckpoint(source.parameters, targetLayout, names.target, source.stateDtypes);
	const have = new Set(source.shape.placements.map(({ logical }) => logicalName(logical)));
	for (const { logical } of target.placements) {
		if (!have.has(logicalName(logical)))
			throw new InputError({
				path: [names.target, logicalName(logical)],
				found: 'a state that the source does not keep',
				expected: 'trained: false for this tensor, as in the source’s layout',
			});
	}
	const targetHeaders = target.files.map(({ name, tensors }) => ({
		name,
		...encodeSafetensorsHeader(tensors, { format: 'pt' }),
	}));
	return { source, sourceFiles: files, target, targetHeaders };
}

export interface ReshapeOptions {
	readonly sources: readonly ByteSource[];
	readonly targets: readonly ByteTarget[];
	/** The targets again, to be read back. */
	readonly written: readonly ByteSource[];
	readonly hash: HashFactory;
	readonly pause: () => Promise<void>;
	readonly onProgress?: (fraction: number, note: string) => void;
}

export interface ReshapeResult {
	readonly manifest: readonly ManifestEntry[];
	/** Runs of bytes that were moved. */
	readonly runs: number;
	readonly bytes: number;
	/** Bytes that went from each source file to each target file. */
	readonly traffic: readonly { readonly source: string; readonly target: string; readonly bytes: number }[];
}

/** Carries a plan out. Raises an `InputError` before anything is written if copies of a tensor differ, and an Error if what was written differs. */
export async function reshape(plan: ReshapePlan, options: ReshapeOptions): Promise<ReshapeResult> {
	const { source, target, sourceFiles, targetHeaders } = plan;
	const progress = (from: number, to: number, note: string) => (share: number) =>
		options.onProgress?.(from + (to - from) * share, note);
	const sourceLocator = locatorOf(source);
	const sizes = sourceFiles.map(({ header }) => header.fileBytes);
	const reading = progress(0, 0.3, 'hashing the source');
	const before = await hashAll(source.shape, sourceLocator, options.sources, sizes, options, reading, (name, copy) => {
		throw new InputError({
			path: [name],
			found: `copies on several ranks that differ (tensor ${copy.tensorRank}, stage ${copy.stage}, expert ${copy.expertRank})`,
			expected: 'the same bytes on every rank that holds it',
		});
	});
	for (const [file, { bytes }] of targetHeaders.entries()) options.targets[file]?.write(0, bytes);
	const { runs, bytes, traffic } = await copyAll(plan, sourceLocator, sizes, options, progress(0.3, 0.7, 'copying'));
	const targetSizes = targetHeaders.map(({ header }) => header.fileBytes);
	const checking = progress(0.7, 1, 'checking the target');
	const after = await hashAll(target, targetLocator(plan), options.written, targetSizes, options, checking, (name) => {
		throw new Error(`${name}: copies in the target differ`);
	});
	for (const [name, sha256] of after) {
		if (before.get(name) !== sha256) throw new Error(`${name}: the target's bytes differ from the source's`);
	}
	const manifest = target.placements.map(({ logical }) => {
		const name = logicalName(logical);
		return { name, dtype: logical.dtype, shape: logical.shape, sha256: after.get(name) ?? '' };
	});
	return { manifest, runs, bytes, traffic };
}

const locatorOf = (checkpoint: LocatedCheckpoint): StoreLocator => ({
	locate(file, tensor) {
		const found = checkpoint.located[file]?.get(tensor);
		if (found === undefined) throw new RangeError(`no place is known of ${tensor}`);
		return found;
	},
});

function targetLocator({ targetHeaders }: ReshapePlan): StoreLocator {
	const offsets = targetHeaders.map(({ header }) => new Map(header.tensors.map((entry) => [entry.name, entry.fileOffset])));
	return {
		locate(file, tensor) {
			const offset = offsets[file]?.get(tensor);
			if (offset === undefined) throw new RangeError(`no place is known of ${tensor}`);
			return { file, offset };
		},
	};
}

async function copyAll(
	plan: ReshapePlan,
	sourceLocator: StoreLocator,
	sizes: readonly number[],
	{ sources, targets, pause }: ReshapeOptions,
	progress: (share: number) => void,
): Promise<Pick<ReshapeResult, 'runs' | 'bytes' | 'traffic'>> {
	const { source, target, sourceFiles, targetHeaders } = plan;
	const into = targetLocator(plan);
	const copier = new RunCopier(new WindowReader(sources, sizes), targets);
	const moved = new Map<number, number>();
	const sink = {
		copy(from: number, fromOffset: number, to: number, toOffset: number, bytes: number): void {
			const pair = from * targetHeaders.length + to;
			moved.set(pair, (moved.get(pair) ?? 0) + bytes);
			copier.copy(from, fromOffset, to, toOffset, bytes);
		},
	};
	const sourceByName = new Map(source.shape.placements.map((placement) => [logicalName(placement.logical), placement]));
	const { tensor, pipeline, expert } = target.layout.parallel;
	const ranks = tensor * pipeline * expert;
	for (let rank = 0; rank < ranks; rank++) {
		const to = {
			expertRank: rank % expert,
			tensorRank: Math.floor(rank / expert) % tensor,
			stage: Math.floor(rank / expert / tensor),
		};
		for (const [i, placement] of target.placements.entries()) {
			if (!placement.stages.includes(to.stage)) continue;
			const other = sourceByName.get(logicalName(placement.logical));
			if (other === undefined) continue;
			const width = SAFETENSORS_BITS[placement.logical.dtype] / 8;
			for (const _ of copyRuns(other, sourceLocator, firstCopy(other), placement, into, to, width, sink)) await pause();
			await pause();
			progress((rank + (i + 1) / target.placements.length) / ranks);
		}
	}
	copier.flush();
	const traffic = [...moved].map(([pair, bytes]) => ({
		source: sourceFiles[Math.floor(pair / targetHeaders.length)]?.name ?? '',
		target: targetHeaders[pair % targetHeaders.length]?.name ?? '',
		bytes,
	}));
	return { runs: copier.runs, bytes: copier.bytes, traffic };
}

/** SHA-256 of every logical tensor; `differ` is called for a copy whose bytes are not those of the first. */
async function hashAll(
	shape: CheckpointShape,
	locator: StoreLocator,
	files: readonly ByteSource[],
	sizes: readonly number[],
	{ hash, pause }: ReshapeOptions,
	progress: (share: number) => void,
	differ: (name: string, copy: ReturnType<typeof firstCopy>) => never,
): Promise<Map<string, string>> {
	const digests = new Map<string, string>();
	const reader = new WindowReader(files, sizes);
	for (const [i, placement] of shape.placements.entries()) {
		const name = logicalName(placement.logical);
		const width = SAFETENSORS_BITS[placement.logical.dtype] / 8;
		for (const copy of allCopies(placement, shape.layout.parallel)) {
			const digest = new GatheredHash(hash());
			const sink = {
				copy: (file: number, offset: number, _: number, __: number, bytes: number) =>
					reader.read(file, offset, bytes, digest.update),
			};
			const whole = wholeOf(placement);
			for (const _ of copyRuns(placement, locator, copy, whole, wholeLocator, wholeCopy, width, sink)) await pause();
			const found = digest.digest();
			if ((digests.get(name) ?? found) !== found) differ(name, copy);
			digests.set(name, found);
		}
		await pause();
		progress((i + 1) / shape.placements.length);
	}
	return digests;
}

/** Short runs are put together before they are hashed: a call for every row of a matrix would cost more than its bytes. */
class GatheredHash {
	private readonly hash: Hash;
	private readonly buffer = new Uint8Array(64 * 1024);
	private filled = 0;

	constructor(hash: Hash) {
		this.hash = hash;
	}

	readonly update = (piece: Uint8Array): void => {
		if (this.filled + piece.length > this.buffer.length) this.flush();
		if (piece.length > this.buffer.length) this.hash.update(piece);
		else {
			this.buffer.set(piece, this.filled);
			this.filled += piece.length;
		}
	};

	digest(): string {
		this.flush();
		return this.hash.digest();
	}

	private flush(): void {
		if (this.filled > 0) this.hash.update(this.buffer.subarray(0, this.filled));
		this.filled = 0;
	}
}

const wholeCopy = { tensorRank: 0, expertRank: 0, stage: 0 };
const wholeLocator: StoreLocator = { locate: () => ({ file: 0, offset: 0 }) };

/** The same logical tensor, whole on one rank. */
function wholeOf({ logical }: Placement): Placement {
	return {
		logical,
		splits: logical.shape.map(wholeDimension),
		localShape: logical.shape,
		stages: [0],
		onlyExpertRank: null,
		store: () => ({ tensor: '', files: [0], pieceBytes: Number.MAX_SAFE_INTEGER, startBytes: 0 }),
	};
}
