/**
 * Checks a cascade: every rank is bound, shapes agree, running tensors start and go on, nothing waits for itself. What comes out has the
 * ranks of splits written out (`K[e, m]` becomes `K[e, m1, m0]`) and says in which order the Einsums can be computed.
 */
import { InputError, nearestName, type Path } from '@assay/contract';
import {
	type Cascade,
	type EinsumStatement,
	type Expression,
	type Index,
	leavesOf,
	type MapStatement,
	type Position,
	type SplitStatement,
	sizeOfRank,
	visitExpression,
} from './cascade.ts';
import type { CheckedEinsum, Read } from './checked-einsum.ts';
import { type EvaluationGroup, evaluationOrder } from './evaluation-order.ts';
import { collectTensors, type Tensor } from './tensors.ts';
import { errorAt, type Fail } from './tokens.ts';

export interface CheckedCascade {
	readonly splits: ReadonlyMap<string, SplitStatement>;
	/** Sizes that the text gives. */
	readonly sizes: ReadonlyMap<string, number>;
	readonly tensors: ReadonlyMap<string, Tensor>;
	/** In an order in which they can be computed. */
	readonly einsums: readonly CheckedEinsum[];
	readonly order: readonly EvaluationGroup<CheckedEinsum>[];
	/** Where each mapped tensor is computed. */
	readonly maps: ReadonlyMap<string, MapStatement>;
}

/** Checks a cascade. Raises an `InputError` with line and column after `place`. */
export function checkCascade(cascade: Cascade, place: Path = ['cascade']): CheckedCascade {
	const fail = (at: Position, found: string, expected: string, nearest?: string): never => {
		throw errorAt(place, at, found, expected, nearest);
	};
	const splits = collectSplits(cascade, fail);
	const sizes = new Map<string, number>();
	for (const statement of cascade) {
		if (statement.kind !== 'size') continue;
		if (sizes.has(statement.size)) fail(statement.at, `the size ${statement.size} a second time`, 'each size once');
		sizes.set(statement.size, statement.value);
	}
	const tensors = collectTensors(cascade, splits, fail);
	const einsums = cascade.flatMap((statement) =>
		statement.kind === 'einsum' ? [checkEinsum(statement, splits, tensors, sizes, fail)] : [],
	);
	if (einsums.length === 0) {
		throw new InputError({
			path: place,
			found: 'no Einsum',
			expected: 'at least one, as in QK[m, p] = sum(e) Q[e, p] * K[e, m]',
		});
	}
	const order = evaluationOrder(einsums, tensors, fail);
	const maps = collectMaps(cascade, splits, einsums, fail);
	return { splits, sizes, tensors, einsums: order.flatMap((group) => group.einsums), order, maps };
}

function collectSplits(cascade: Cascade, fail: Fail): Map<string, SplitStatement> {
	const splits = new Map<string, SplitStatement>();
	const leaves = new Set<string>();
	for (const statement of cascade) {
		if (statement.kind !== 'split') continue;
		if (splits.has(statement.rank)) fail(statement.at, `the split of ${statement.rank} a second time`, 'one split of a rank');
		splits.set(statement.rank, statement);
		for (const leaf of leavesOf(splits, statement.rank)) {
			if (leaves.has(leaf)) fail(statement.at, `the rank ${leaf} a second time`, 'each rank in one split');
			leaves.add(leaf);
		}
	}
	for (const { rank, at } of splits.values())
		if (leaves.has(rank))
			fail(at, `a split of ${rank}, which is part of a split`, 'one split with brackets, as in (p2 * P1 + p1) * P0 + p0');
	return splits;
}

function checkEinsum(
	statement: EinsumStatement,
	splits: ReadonlyMap<string, SplitStatement>,
	tensors: ReadonlyMap<string, Tensor>,
	sizes: ReadonlyMap<string, number>,
	fail: Fail,
): CheckedEinsum {
	const known = knownRanks(splits, tensors, sizes);
	const expand = (index: Index, at: Position): Index[] => {
		if (index.kind !== 'rank' && index.kind !== 'next') return [index];
		const leaves = leavesOf(splits, index.rank);
		if (index.kind === 'rank') return leaves.map((rank) => ({ kind: 'rank', rank }));
		if (leaves.length > 1) fail(at, `${index.rank}+1`, `a generation of ${leaves[0]}, for ${index.rank} is split`);
		return [index];
	};
	const indices = statement.indices.flatMap((index) => expand(index, statement.at));
	const ranks = indices.flatMap((index) => (index.kind === 'rank' || index.kind === 'next' ? [index.rank] : []));
	const reduced = (statement.reduction?.ranks ?? []).flatMap((rank) => leavesOf(splits, rank));
	const space = new Set<string>();
	for (const rank of [...ranks, ...reduced]) {
		if (space.has(rank)) fail(statement.at, `the rank ${rank} twice`, 'each rank once, on the left or in the reduction');
		if (!known.has(rank))
			fail(
				statement.at,
				`the unknown rank ${rank}`,
				`a rank of an input or a split, or a size ${rank.toUpperCase()}`,
				nearestName(rank, known),
			);
		space.add(rank);
	}
	const reads: Read[] = [];
	const used = new Set<string>();
	const resolve = (one: Expression): Expression => {
		switch (one.kind) {
			case 'negate':
				return { ...one, of: resolve(one.of) };
			case 'binary':
				return { ...one, left: resolve(one.left), right: resolve(one.right) };
			case 'call':
				return { ...one, of: one.of.map(resolve) };
			case 'read': {
				const read: Read = { ...one, indices: one.indices.flatMap((index) => expand(index, one.at)) };
				checkRead(read, tensors, fail);
				for (const index of read.indices) {
					if (index.kind !== 'rank' && index.kind !== 'next') continue;
					if (!space.has(index.rank))
						fail(
							one.at,
							`the rank ${index.rank}, which is not on the left`,
							`a reduction over it, as in sum(${index.rank}), or the rank on the left`,
						);
					used.add(index.rank);
				}
				reads.push(read);
				return read;
			}
			default:
				return one;
		}
	};
	const expression = resolve(statement.expression);
	for (const rank of reduced)
		if (!used.has(rank))
			fail(statement.at, `a reduction over ${rank}, which the right side does not have`, 'ranks of the right side');
	const reduction = statement.reduction === null ? null : { by: statement.reduction.by, ranks: reduced };
	const role = indices.some(({ kind }) => kind === 'first')
		? 'start'
		: indices.some(({ kind }) => kind === 'next')
			? 'step'
			: 'plain';
	return { tensor: statement.tensor, role, indices, ranks, reduction, expression, reads, statement };
}

/** Ranks of inputs, parts of splits, and ranks whose size is given. */
function knownRanks(
	splits: ReadonlyMap<string, SplitStatement>,
	tensors: ReadonlyMap<string, Tensor>,
	sizes: ReadonlyMap<string, number>,
): Set<string> {
	const known = new Set<string>(
		[...sizes.keys()].map((size) => size.toLowerCase()).filter((rank) => sizes.has(sizeOfRank(rank))),
	);
	for (const { kind, ranks } of tensors.values()) if (kind === 'input') for (const rank of ranks) known.add(rank);
	for (const rank of splits.keys()) for (const leaf of leavesOf(splits, rank)) known.add(leaf);
	return known;
}

function checkRead(read: Read, tensors: ReadonlyMap<string, Tensor>, fail: Fail): void {
	const tensor = tensors.get(read.tensor);
	if (tensor === undefined)
		fail(
			read.at,
			`the unknown tensor ${read.tensor}`,
			'an input or a tensor that an Einsum computes',
			nearestName(read.tensor, tensors.keys()),
		);
	const written = `${tensor.name}[${tensor.ranks.join(', ')}]`;
	if (read.indices.length !== tensor.ranks.length) fail(read.at, `${read.indices.length} indices`, `those of ${written}`);
	for (const [position, index] of read.indices.entries()) {
		const rank = tensor.ranks[position] as string;
		const generation = position === tensor.generation;
		if (index.kind === 'first') fail(read.at, 'the index 0', `the rank ${rank}: generations are read by their rank`);
		if (!generation && (index.kind === 'next' || index.kind === 'last'))
			fail(
				read.at,
				index.kind === 'next' ? `${index.rank}+1` : index.size,
				`the rank ${rank}: ${written} has no generations there`,
			);
		if (index.kind === 'last' && index.size !== rank.toUpperCase())
			fail(read.at, index.size, `${rank.toUpperCase()}, the last generation of ${written}`);
		if ((index.kind === 'rank' || index.kind === 'next') && index.rank !== rank)
			fail(read.at, `the rank ${index.rank}`, `${rank}, as in ${written}`);
	}
}

function collectMaps(
	cascade: Cascade,
	splits: ReadonlyMap<string, SplitStatement>,
	einsums: readonly CheckedEinsum[],
	fail: Fail,
): Map<string, MapStatement> {
	const maps = new Map<string, MapStatement>();
	for (const statement of cascade) {
		if (statement.kind !== 'map') continue;
		const expand = (ranks: readonly string[]) => ranks.flatMap((rank) => leavesOf(splits, rank));
		const resolved = { ...statement, space: expand(statement.space), time: expand(statement.time) };
		for (const tensor of statement.tensors) {
			const einsum = einsums.find((one) => one.tensor === tensor && one.role !== 'start');
			if (einsum === undefined) {
				fail(
					statement.at,
					`the unknown tensor ${tensor}`,
					'tensors that Einsums compute',
					nearestName(
						tensor,
						einsums.map((one) => one.tensor),
					),
				);
				continue;
			}
			if (maps.has(tensor)) fail(statement.at, `a second mapping of ${tensor}`, 'one for each tensor');
			const iterated = new Set([...einsum.ranks, ...(einsum.reduction?.ranks ?? [])]);
			const stated = [...resolved.space, ...resolved.time];
			if (new Set(stated).size !== stated.length) fail(statement.at, 'a rank twice', 'each rank in space or in time');
			for (const rank of stated)
				if (!iterated.has(rank)) fail(statement.at, `the rank ${rank}`, `ranks of ${tensor}: ${[...iterated].join(', ')}`);
			maps.set(tensor, resolved);
		}
	}
	return maps;
}

/** Sizes that an expression uses as numbers. */
export function sizesUsed(expression: Expression): string[] {
	const names: string[] = [];
	visitExpression(expression, (one) => {
		if (one.kind === 'size') names.push(one.size);
	});
	return names;
}
