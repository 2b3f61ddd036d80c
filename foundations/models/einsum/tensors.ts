/** The tensors of a cascade and their ranks: inputs, what Einsums compute, and running tensors with their generations. */
import { type Cascade, type EinsumStatement, leavesOf, type SplitStatement } from './cascade.ts';
import type { Fail } from './tokens.ts';

export interface Tensor {
	readonly name: string;
	readonly kind: 'input' | 'computed' | 'running';
	/** With those of splits written out. */
	readonly ranks: readonly string[];
	/** Position of the rank that counts its generations; null for all but running tensors. */
	readonly generation: number | null;
}

/** All tensors by name. Raises errors for tensors that are given twice or run without a start or a step. */
export function collectTensors(cascade: Cascade, splits: ReadonlyMap<string, SplitStatement>, fail: Fail): Map<string, Tensor> {
	const tensors = new Map<string, Tensor>();
	const leaves = (rank: string): string[] => leavesOf(splits, rank);
	const starts = new Map<string, EinsumStatement>();
	for (const statement of cascade) {
		if (statement.kind === 'input') {
			const ranks = statement.ranks.flatMap(leaves);
			if (tensors.has(statement.tensor)) fail(statement.at, `the tensor ${statement.tensor} a second time`, 'each tensor once');
			if (new Set(ranks).size !== ranks.length) fail(statement.at, 'a rank twice', 'each rank of a tensor once');
			tensors.set(statement.tensor, { name: statement.tensor, kind: 'input', ranks, generation: null });
		}
		if (statement.kind !== 'einsum') continue;
		const { tensor: name, indices, at } = statement;
		const last = indices.find(({ kind }) => kind === 'last');
		if (last?.kind === 'last') fail(at, last.size, 'a rank, 0 or a rank+1 on the left');
		const special = indices.filter(({ kind }) => kind === 'first' || kind === 'next');
		if (special.length > 1) fail(at, 'two generations', 'one rank that counts generations');
		if (special[0]?.kind === 'first') {
			if (starts.has(name)) fail(at, `a second start of ${name}`, 'one');
			starts.set(name, statement);
			continue;
		}
		if (tensors.has(name)) fail(at, `the tensor ${name} a second time`, 'each tensor once');
		const ranks = indices.flatMap((index) =>
			index.kind === 'rank' ? leaves(index.rank) : index.kind === 'next' ? [index.rank] : [],
		);
		const step = special[0];
		tensors.set(name, {
			name,
			kind: step === undefined ? 'computed' : 'running',
			ranks,
			generation: step?.kind === 'next' ? ranks.indexOf(step.rank) : null,
		});
	}
	for (const statement of cascade) {
		if (statement.kind !== 'einsum') continue;
		const tensor = tensors.get(statement.tensor);
		if (tensor?.kind === 'running' && !starts.has(tensor.name))
			fail(
				statement.at,
				`${tensor.name} without a start`,
				`a statement for its first generation, as in ${tensor.name}[${startIndices(tensor)}] = 0`,
			);
		const start = starts.get(statement.tensor);
		if (start !== statement) continue;
		if (tensor?.kind !== 'running')
			fail(statement.at, `a start of ${statement.tensor}`, 'a statement for the next generation as well');
		const written = statement.indices.flatMap((index) => (index.kind === 'rank' ? leaves(index.rank) : ['0'])).join(', ');
		if (tensor !== undefined && written !== startIndices(tensor)) fail(statement.at, `[${written}]`, `[${startIndices(tensor)}]`);
	}
	return tensors;
}

const startIndices = ({ ranks, generation }: Tensor): string =>
	ranks.map((rank, i) => (i === generation ? '0' : rank)).join(', ');
