/**
 * A checkpoint under a layout: which file holds which piece of which logical tensor.
 *
 * A logical tensor is a parameter, or one optimizer state of it, as it would be on a single rank without padding. From the logical
 * tensors and a layout follow all files with their headers; that is how a target is made, and how a source is checked: its logical
 * tensors are read off its headers, the files they ought to give are worked out, and compared with those that are there.
 */
import { InputError, show } from '@assay/contract';
import { elementCount, SAFETENSORS_BITS, type SafetensorsDtype, type TensorDescription } from '@assay/models';
import { type DimensionSplit, fusedDimension, paddedDimension, wholeDimension } from './dimension-split.ts';
import { expertOf, type Layout, type LayoutRule, layerOf, ruleFinder, stagesOfLayers } from './layout.ts';
import { dealOut, imbalance, muonCost } from './whole-matrices.ts';

/** A parameter or a state of it, whole. */
export interface LogicalTensor {
	readonly parameter: string;
	/** Null for the parameter itself. */
	readonly state: string | null;
	readonly dtype: SafetensorsDtype;
	readonly shape: readonly number[];
}

/** Name of a logical tensor in manifests. */
export const logicalName = ({ parameter, state }: LogicalTensor): string =>
	state === null ? parameter : `${parameter}#${state}`;

/** A file that a layout asks for. */
export interface ExpectedFile {
	readonly name: string;
	readonly tensors: readonly TensorDescription[];
}

/** Where the bytes of a rank's tensor are: one after the other in a virtual space that is cut into pieces of equal length. */
export interface Store {
	/** Name of the tensor in its files. */
	readonly tensor: string;
	/** File of each piece. */
	readonly files: readonly number[];
	/** Bytes of a piece. */
	readonly pieceBytes: number;
	/** Where this tensor begins in the space. */
	readonly startBytes: number;
}

/** A logical tensor on its ranks. */
export interface Placement {
	readonly logical: LogicalTensor;
	readonly splits: readonly DimensionSplit[];
	/** Shape on each rank. */
	readonly localShape: readonly number[];
	/** Pipeline stages that hold a copy. */
	readonly stages: readonly number[];
	/** The only expert-parallel rank that holds it; null: all, or as the dimensions are cut. */
	readonly onlyExpertRank: number | null;
	/** The store on a rank; undefined where the rank holds none. */
	store(tensorRank: number, stage: number, expertRank: number): Store | undefined;
}

/** A layout applied to logical tensors. */
export interface CheckpointShape {
	readonly layout: Layout;
	readonly files: readonly ExpectedFile[];
	readonly placements: readonly Placement[];
	/** Largest over mean load of the optimizer's whole matrices; null where it has none. */
	readonly optimizerImbalance: number | null;
}

/** Works out every file of a layout. `place` names the layout in errors: a size that ranks do not divide, stages of other layers. */
export function shapeCheckpoint(
	parameters: readonly LogicalTensor[],
	layout: Layout,
	place: string,
	stateDtypes: StateDtypes,
): CheckpointShape {
	return new ShapeBuilder(parameters, layout, place, stateDtypes).build();
}

/** Element type of each optimizer state. */
export type StateDtypes = ReadonlyMap<string, SafetensorsDtype>;

/** Name of a file by its ranks; axes of size 1 are left out, so a checkpoint of one rank is `model.safetensors`. */
export function fileName(
	kind: 'model' | 'optimizer',
	ranks: Partial<Record<'tp' | 'pp' | 'ep' | 'dp', number>>,
	layout: Layout,
): string {
	const { tensor, pipeline, expert, data } = layout.parallel;
	const sizes = { tp: tensor, pp: pipeline, ep: expert, dp: data };
	const parts = (['tp', 'pp', 'ep', 'dp'] as const).flatMap((axis) => {
		const rank = ranks[axis];
		if (rank === undefined || sizes[axis] === 1) return [];
		return [`-${axis}${String(rank).padStart(Math.max(2, String(sizes[axis] - 1).length), '0')}`];
	});
	return `${kind}${parts.join('')}.safetensors`;
}

/** How a parameter is cut by its rule. Raises an `InputError` where ranks do not divide it. */
export function splitsOf(
	name: string,
	shape: readonly number[],
	rule: LayoutRule,
	layout: Layout,
	place: string,
): DimensionSplit[] {
	const { tensor, expert } = layout.parallel;
	const first = rule.experts === 'leading' ? 1 : 0;
	const fail = (dimension: number, ranks: number, axis: string): never => {
		throw new InputError({
			path: [place, name],
			found: `dimension ${dimension} of size ${show(shape[dimension])}${rule.parts.length > 1 ? ` in parts ${rule.parts.join(':')}` : ''}`,
			expected: `one that ${ranks} ${axis}-parallel ranks divide`,
		});
	};
	return shape.map((size, d) => {
		if (rule.experts === 'leading' && d === 0) return fusedDimension(size, [1], expert, 'expert') ?? fail(d, expert, 'expert');
		if (rule.split === 'vocabulary' && d === first) return paddedDimension(size, rule.multiple, tensor);
		if (rule.split === 'column' && d === first)
			return fusedDimension(size, rule.parts, tensor, 'tensor') ?? fail(d, tensor, 'tensor');
		if (rule.split === 'row' && d === first + 1) return fusedDimension(size, [1], tensor, 'tensor') ?? fail(d, tensor, 'tensor');
		return wholeDimension(size);
	});
}

const byName = (a: { readonly name: string }, b: { readonly name: string }): number => (a.name < b.name ? -1 : 1);

interface PlacedParameter {
	readonly name: string;
	readonly tensor: LogicalTensor;
	readonly rule: LayoutRule;
	readonly splits: readonly DimensionSplit[];
	readonly localShape: readonly number[];
	readonly stages: readonly number[];
	readonly onlyExpertRank: number | null;
}

class ShapeBuilder {
	private readonly files: { name: string; tensors: TensorDescription[] }[] = [];
	private readonly stores = new Map<string, Store>();
	private readonly parameters: readonly PlacedParameter[];
	private readonly layout: Layout;
	private readonly stateDtypes: StateDtypes;
	private worstImbalance: number | null = null;

	constructor(parameters: readonly LogicalTensor[], layout: Layout, place: string, stateDtypes: StateDtypes) {
		this.layout = layout;
		this.stateDtypes = stateDtypes;
		const findRule = ruleFinder(layout);
		const layers = Math.max(0, ...parameters.map(({ parameter }) => (layerOf(parameter) ?? -1) + 1));
		const stages = stagesOfLayers(layout, layers, place);
		const experts = Math.max(0, ...parameters.map(({ parameter }) => (expertOf(parameter) ?? -1) + 1));
		if (parameters.some(({ parameter }) => findRule(parameter).experts === 'name') && experts % layout.parallel.expert !== 0)
			throw new InputError({
				path: [place, 'parallel', 'expert'],
				found: show(layout.parallel.expert),
				expected: `a divisor of ${experts} experts`,
			});
		const last = layout.parallel.pipeline - 1;
		this.parameters = parameters
			.map((tensor): PlacedParameter => {
				const name = tensor.parameter;
				const rule = findRule(name);
				const layer = layerOf(name);
				const ends = { first: [0], last: [last], both: last === 0 ? [0] : [0, last] }[rule.stage];
				const expert = rule.experts === 'name' ? expertOf(name) : undefined;
				const splits = splitsOf(name, tensor.shape, rule, layout, place);
				return {
					name,
					tensor,
					rule,
					splits,
					localShape: splits.map(({ localSize }) => localSize),
					stages: layer === undefined ? ends : [stages[layer] as number],
					onlyExpertRank: expert === undefined ? null : Math.floor((expert * layout.parallel.expert) / experts),
				};
			})
			.sort(byName);
	}

	build(): CheckpointShape {
		const { tensor, pipeline, expert } = this.layout.parallel;
		for (let stage = 0; stage < pipeline; stage++) {
			for (let t = 0; t < tensor; t++) for (let e = 0; e < expert; e++) this.addRank(t, stage, e);
		}
		const states = [null, ...(this.layout.optimizer?.states ?? [])];
		const placements = this.parameters.flatMap(({ tensor, rule, splits, localShape, stages, onlyExpertRank }) =>
			states
				.filter((state) => state === null || rule.trained)
				.map((state): Placement => {
					const logical: LogicalTensor = state === null ? tensor : { ...tensor, state, dtype: this.dtype(state) };
					return {
						logical,
						splits,
						localShape,
						stages,
						onlyExpertRank,
						store: (t, stage, e) => this.stores.get(storeKey(tensor.parameter, state, t, stage, e)),
					};
				}),
		);
		return { layout: this.layout, files: this.files, placements, optimizerImbalance: this.worstImbalance };
	}

	private dtype(state: string): SafetensorsDtype {
		return this.stateDtypes.get(state) ?? 'F32';
	}

	/** The model file of a rank and the optimizer files of its data-parallel group. */
	private addRank(t: number, stage: number, e: number): void {
		const mine = this.parameters.filter(
			({ stages, onlyExpertRank }) => stages.includes(stage) && (onlyExpertRank === null || onlyExpertRank === e),
		);
		const ranks = { tp: t, pp: stage, ep: e };
		const model = this.addFile(fileName('model', ranks, this.layout));
		for (const { name, tensor, localShape } of inFileOrder(mine)) {
			model.tensors.push({ name, dtype: tensor.dtype, shape: localShape });
			this.setStore(name, null, t, stage, e, {
				tensor: name,
				files: [model.index],
				pieceBytes: Number.MAX_SAFE_INTEGER,
				startBytes: 0,
			});
		}
		const { optimizer } = this.layout;
		if (optimizer === null) return;
		const trained = mine.filter(({ rule }) => rule.trained);
		const files = Array.from({ length: this.layout.parallel.data }, (_, dp) =>
			this.addFile(fileName('optimizer', { ...ranks, dp }, this.layout)),
		);
		if (optimizer.kind === 'sharded') this.addShards(trained, files, t, stage, e);
		else this.addWhole(trained, files, t, stage, e);
	}

	/** ZeRO-1: everything end to end, padded, cut evenly. */
	private addShards(trained: readonly PlacedParameter[], files: readonly AddedFile[], t: number, stage: number, e: number): void {
		const { optimizer } = this.layout;
		if (optimizer === null) return;
		const total = trained.reduce((sum, { localShape }) => sum + elementCount(localShape), 0);
		const quantum = files.length * optimizer.align;
		const piece = (Math.ceil(total / quantum) * quantum) / files.length;
		for (const state of optimizer.states) {
			const width = SAFETENSORS_BITS[this.dtype(state)] / 8;
			for (const file of files) file.tensors.push({ name: state, dtype: this.dtype(state), shape: [piece] });
			let start = 0;
			for (const { name, localShape } of trained) {
				this.setStore(name, state, t, stage, e, {
					tensor: state,
					files: files.map(({ index }) => index),
					pieceBytes: piece * width,
					startBytes: start * width,
				});
				start += elementCount(localShape);
			}
		}
	}

	/** Whole tensors, dealt out by what updating them costs. */
	private addWhole(trained: readonly PlacedParameter[], files: readonly AddedFile[], t: number, stage: number, e: number): void {
		const { optimizer } = this.layout;
		if (optimizer === null) return;
		const { rank, load } = dealOut(
			trained.map(({ localShape }) => muonCost(localShape)),
			files.length,
		);
		this.worstImbalance = Math.max(this.worstImbalance ?? 1, imbalance(load));
		for (const state of optimizer.states) {
			for (const [i, { name, localShape }] of trained.entries()) {
				const file = files[rank[i] as number] as AddedFile;
				const tensor = `${name}.${state}`;
				file.tensors.push({ name: tensor, dtype: this.dtype(state), shape: localShape });
				this.setStore(name, state, t, stage, e, {
					tensor,
					files: [file.index],
					pieceBytes: Number.MAX_SAFE_INTEGER,
					startBytes: 0,
				});
			}
		}
	}

	private addFile(name: string): AddedFile {
		const file = { name, tensors: [] as TensorDescription[], index: this.files.length };
		this.files.push(file);
		return file;
	}

	private setStore(parameter: string, state: string | null, t: number, stage: number, e: number, store: Store): void {
		this.stores.set(storeKey(parameter, state, t, stage, e), store);
	}
}

interface AddedFile {
	readonly tensors: TensorDescription[];
	readonly index: number;
}

function storeKey(parameter: string, state: string | null, t: number, stage: number, e: number): string {
	return `${t}/${stage}/${e}/${state ?? ''}/${parameter}`;
}

/** Wide element types first, so that values lie aligned; then by name. */
function inFileOrder(parameters: readonly PlacedParameter[]): PlacedParameter[] {
	return [...parameters].sort((a, b) => SAFETENSORS_BITS[b.tensor.dtype] - SAFETENSORS_BITS[a.tensor.dtype] || byName(a, b));
}
