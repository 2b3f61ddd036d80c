/**
 * The assignment of least energy, by integer programming with HiGHS. Without the order of layers it is a small program: each layer somewhere,
 * each accelerator's work and each chain within the deadline. Its energy is a lower bound; where list scheduling its assignment
 * meets the deadline, it is the answer. Otherwise start times and, for every two layers that may collide, an order are added.
 */
import type { LegacyHighs } from 'highs';
import { type AssignmentProblem, assignmentEnergy, type Schedule } from './assignment-problem.ts';
import { listScheduler } from './list-schedule.ts';

/** `optimal` and `infeasible` are proven; `open` means that the nodes ran out. Nodes and not seconds, so that the answer is always the same. */
export interface ExactAssignment {
	readonly status: 'optimal' | 'infeasible' | 'open';
	readonly schedule: Schedule | null;
	/** No schedule within the deadline takes less energy; infinite where there is none. */
	readonly lowerBound: number;
}

/** `mostNodes` bounds the solver's search tree. */
export async function assignExactly(problem: AssignmentProblem, deadline: number, mostNodes: number): Promise<ExactAssignment> {
	// Its types say CommonJS while Node is given the module: the loader stands one level higher than they say.
	const load: unknown = (await import('highs')).default;
	if (typeof load !== 'function') throw new TypeError('the solver has no loader');
	const solver: LegacyHighs = await load();
	const solve = (text: string) => {
		const options = { output_flag: false, mip_max_nodes: mostNodes, mip_rel_gap: 1e-9 };
		const first = solver.solve(text, options);
		// Presolving calls some programs infeasible that have a solution, so that verdict must hold without it too.
		return first.Status === 'Infeasible' ? solver.solve(text, { ...options, presolve: 'off' }) : first;
	};
	const relaxed = solve(programText(problem, deadline, false));
	if (relaxed.Status === 'Infeasible') return { status: 'infeasible', schedule: null, lowerBound: Number.POSITIVE_INFINITY };
	const base = leastEnergySum(problem);
	if (relaxed.Status !== 'Optimal') return { status: 'open', schedule: null, lowerBound: base };
	const assignment = readAssignment(problem, relaxed.Columns);
	const schedule = listScheduler(problem, deadline)(assignment);
	if (schedule.makespan <= deadline) return { status: 'optimal', schedule, lowerBound: schedule.energy };
	const lowerBound = assignmentEnergy(problem, assignment);
	const full = solve(programText(problem, deadline, true));
	if (full.Status === 'Infeasible') return { status: 'infeasible', schedule: null, lowerBound: Number.POSITIVE_INFINITY };
	if (full.Status !== 'Optimal') return { status: 'open', schedule: null, lowerBound };
	const timed = readSchedule(problem, full.Columns);
	return { status: 'optimal', schedule: timed, lowerBound: timed.energy };
}

/** Energy with each layer where it takes least. */
function leastEnergySum({ layers, accelerators, energy }: AssignmentProblem): number {
	let total = 0;
	for (let l = 0; l < layers; l++) total += Math.min(...energy.subarray(l * accelerators, (l + 1) * accelerators));
	return total;
}

/** The program in CPLEX's LP format. Times are in deadlines and energies in the sum of least energies, so that tolerances mean something. */
function programText(problem: AssignmentProblem, deadline: number, isOrdered: boolean): string {
	const { layers, accelerators, cycles, energy, predecessors } = problem;
	const base = leastEnergySum(problem);
	const x = (l: number, j: number): string => `x${l}_${j}`;
	const places = Array.from({ length: layers }, (_, l) =>
		Array.from({ length: accelerators }, (_, j) => j).filter((j) => Number.isFinite(cycles[l * accelerators + j])),
	);
	const time = (l: number, j: number): number => (cycles[l * accelerators + j] as number) / deadline;
	const sum = (l: number, sign: '+' | '-'): string =>
		(places[l] as number[]).map((j) => ` ${sign} ${time(l, j)} ${x(l, j)}`).join('');
	const constraints: string[] = [];
	for (let l = 0; l < layers; l++) {
		constraints.push(`${(places[l] as number[]).map((j) => x(l, j)).join(' + ')} = 1`);
		for (const before of predecessors[l] as readonly number[]) constraints.push(`s${l} - s${before}${sum(before, '-')} >= 0`);
		constraints.push(`s${l}${sum(l, '+')} <= 1`);
	}
	for (let j = 0; j < accelerators; j++) {
		const terms = places.flatMap((of, l) => (of.includes(j) ? [`${time(l, j)} ${x(l, j)}`] : []));
		if (terms.length > 0) constraints.push(`${terms.join(' + ')} <= 1`);
	}
	const orders: string[] = [];
	if (isOrdered) {
		for (const [a, b] of unorderedPairs(problem)) {
			const shared = (places[a] as number[]).filter((j) => (places[b] as number[]).includes(j));
			if (shared.length === 0) continue;
			const order = `o${a}_${b}`;
			orders.push(order);
			for (const j of shared) {
				// With both on j, b starts after a (order 1) or a after b (order 0).
				constraints.push(`s${b} - s${a}${sum(a, '-')} - ${order} - ${x(a, j)} - ${x(b, j)} >= -3`);
				constraints.push(`s${a} - s${b}${sum(b, '-')} + ${order} - ${x(a, j)} - ${x(b, j)} >= -2`);
			}
		}
	}
	const objective = places.flatMap((of, l) => of.map((j) => `${(energy[l * accelerators + j] as number) / base} ${x(l, j)}`));
	const binaries = [...places.flatMap((of, l) => of.map((j) => x(l, j))), ...orders];
	return [
		'Minimize',
		` obj: ${objective.join('\n + ')}`,
		'Subject To',
		...constraints.map((constraint, i) => ` c${i}: ${constraint}`),
		'Bounds',
		...places.map((_, l) => ` 0 <= s${l} <= 1`),
		'Binary',
		...binaries.map((name) => ` ${name}`),
		'End',
	].join('\n');
}

/** Pairs of layers of which neither comes before the other. */
function unorderedPairs({ layers, predecessors }: AssignmentProblem): [number, number][] {
	const isBefore = Array.from({ length: layers }, () => new Uint8Array(layers));
	const pairs: [number, number][] = [];
	for (let l = 0; l < layers; l++) {
		const before = isBefore[l] as Uint8Array;
		for (const other of predecessors[l] as readonly number[]) {
			before[other] = 1;
			(isBefore[other] as Uint8Array).forEach((is, at) => {
				if (is === 1) before[at] = 1;
			});
		}
		for (let other = 0; other < l; other++) if (before[other] === 0) pairs.push([other, l]);
	}
	return pairs;
}

type Columns = Readonly<Record<string, { readonly Primal?: number }>>;

function readAssignment({ layers, accelerators }: AssignmentProblem, columns: Columns): Int32Array {
	return Int32Array.from({ length: layers }, (_, l) => {
		let best = 0;
		for (let j = 1; j < accelerators; j++)
			if ((columns[`x${l}_${j}`]?.Primal ?? 0) > (columns[`x${l}_${best}`]?.Primal ?? 0)) best = j;
		return best;
	});
}

/** The program's order of layers, started as early as that order allows, which rounds its tolerances away. */
function readSchedule(problem: AssignmentProblem, columns: Columns): Schedule {
	const { layers, accelerators, cycles, predecessors } = problem;
	const accelerator = readAssignment(problem, columns);
	const planned = Float64Array.from({ length: layers }, (_, l) => columns[`s${l}`]?.Primal ?? 0);
	const order = Array.from({ length: layers }, (_, l) => l).sort(
		(a, b) => (planned[a] as number) - (planned[b] as number) || a - b,
	);
	const start = new Float64Array(layers);
	const end = new Float64Array(layers);
	const freeAt = new Float64Array(accelerators);
	let makespan = 0;
	for (const l of order) {
		const on = accelerator[l] as number;
		start[l] = (predecessors[l] as readonly number[]).reduce(
			(at, before) => Math.max(at, end[before] as number),
			freeAt[on] as number,
		);
		end[l] = (start[l] as number) + (cycles[l * accelerators + on] as number);
		freeAt[on] = end[l] as number;
		makespan = Math.max(makespan, end[l] as number);
	}
	return { accelerator, start, end, makespan, energy: assignmentEnergy(problem, accelerator) };
}
