/**
 * The order in which Einsums can be computed. Those that need each other (running tensors and what they are made of) form a group that
 * is computed generation by generation; within a generation they follow the reads that do not go back to the one before.
 */
import type { CheckedEinsum } from './checked-einsum.ts';
import type { Tensor } from './tensors.ts';
import type { Fail } from './tokens.ts';

export interface EvaluationGroup<E> {
	/** The rank whose generations are computed one after the other; null for an Einsum that does not need itself. */
	readonly generation: string | null;
	readonly einsums: readonly E[];
}

interface Dependency {
	readonly on: number;
	/** Needs what the generation before computed. */
	readonly delayed: boolean;
	/** Needs all generations. */
	readonly complete: boolean;
}

/** Groups in order. Raises errors where something waits for itself. */
export function evaluationOrder(
	einsums: readonly CheckedEinsum[],
	tensors: ReadonlyMap<string, Tensor>,
	fail: Fail,
): EvaluationGroup<CheckedEinsum>[] {
	const writers = new Map<string, number>();
	const starters = new Map<string, number>();
	for (const [i, { tensor, role }] of einsums.entries()) (role === 'start' ? starters : writers).set(tensor, i);
	const dependencies = einsums.map((einsum): Dependency[] => {
		const found: Dependency[] = [];
		for (const read of einsum.reads) {
			const on = writers.get(read.tensor);
			if (on === undefined) continue;
			const generation = tensors.get(read.tensor)?.generation ?? null;
			const index = generation === null ? undefined : read.indices[generation];
			found.push({ on, delayed: index?.kind === 'rank', complete: index?.kind === 'last' });
		}
		const start = einsum.role === 'step' ? starters.get(einsum.tensor) : undefined;
		if (start !== undefined) found.push({ on: start, delayed: false, complete: true });
		return found;
	});
	return components(dependencies).map((members): EvaluationGroup<CheckedEinsum> => {
		const [only] = members;
		const inside = new Set(members);
		const within = (member: number) => (dependencies[member] ?? []).filter(({ on }) => inside.has(on));
		if (members.length === 1 && only !== undefined && within(only).length === 0)
			return { generation: null, einsums: [einsums[only] as CheckedEinsum] };
		const einsum = einsums[only ?? 0] as CheckedEinsum;
		const names = members.map((member) => (einsums[member] as CheckedEinsum).tensor).join(', ');
		const generations = new Set(
			members.flatMap((member) => {
				const tensor = tensors.get((einsums[member] as CheckedEinsum).tensor);
				return tensor?.generation === null || tensor === undefined ? [] : [tensor.ranks[tensor.generation] as string];
			}),
		);
		const [generation] = generations;
		if (generation === undefined || generations.size > 1)
			return fail(
				einsum.statement.at,
				`a circle: ${names}`,
				'tensors that do not need themselves, or one rank that counts generations',
			);
		for (const member of members) {
			const one = einsums[member] as CheckedEinsum;
			if (!one.ranks.includes(generation) || within(member).some(({ complete }) => complete))
				fail(one.statement.at, `a circle: ${names}`, `tensors that need only earlier generations of ${generation}`);
		}
		const ordered = orderWithin(members, within);
		if (ordered === null)
			return fail(
				einsum.statement.at,
				`a circle within one generation: ${names}`,
				`at least one read of the generation before, [${generation}]`,
			);
		return { generation, einsums: ordered.map((member) => einsums[member] as CheckedEinsum) };
	});
}

/** Members so that each comes after what it reads in the same generation; null where that is a circle. */
function orderWithin(members: readonly number[], within: (member: number) => readonly Dependency[]): number[] | null {
	const ordered: number[] = [];
	const done = new Set<number>();
	const left = [...members].sort((a, b) => a - b);
	while (left.length > 0) {
		const next = left.findIndex((member) => within(member).every(({ on, delayed }) => delayed || done.has(on)));
		if (next < 0) return null;
		const [member] = left.splice(next, 1);
		if (member === undefined) return null;
		done.add(member);
		ordered.push(member);
	}
	return ordered;
}

/** Strongly connected components, what others need first (Tarjan 1972). */
function components(dependencies: readonly (readonly Dependency[])[]): number[][] {
	const found: number[][] = [];
	const order = new Map<number, number>();
	const low = new Map<number, number>();
	const stack: number[] = [];
	const onStack = new Set<number>();
	const visit = (node: number): void => {
		order.set(node, order.size);
		low.set(node, order.size - 1);
		stack.push(node);
		onStack.add(node);
		const lower = (value: number | undefined) => low.set(node, Math.min(low.get(node) ?? 0, value ?? 0));
		for (const { on } of dependencies[node] ?? []) {
			if (!order.has(on)) {
				visit(on);
				lower(low.get(on));
			} else if (onStack.has(on)) lower(order.get(on));
		}
		if (low.get(node) !== order.get(node)) return;
		const component: number[] = [];
		for (;;) {
			const member = stack.pop();
			if (member === undefined) break;
			onStack.delete(member);
			component.push(member);
			if (member === node) break;
		}
		found.push(component);
	};
	for (let node = 0; node < dependencies.length; node++) if (!order.has(node)) visit(node);
	return found;
}
