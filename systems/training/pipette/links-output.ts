/** The links as a report shows them: statistics, a map of bandwidths, and which of them the chosen placement uses. */
import { linkStatistics } from './links/bandwidth-matrix.ts';
import type { Outputs } from './outputs.ts';
import type { Prepared } from './prepare.ts';
import type { PlacedCandidate } from './search/search.ts';

/** Most hosts, or groups of hosts, along a side of the map. */
const MOST_CELLS = 48;

/** The links of a run. */
export function linksOutput(prepared: Prepared, winner: PlacedCandidate | undefined): Outputs['links'] {
	const { matrix, linkSource, hosts } = prepared;
	if (matrix === null) return { source: linkSource, hosts: [...hosts], statistics: null, cells: [], used: [] };
	const n = matrix.hosts.length;
	const span = Math.ceil(n / MOST_CELLS);
	const groups = Math.ceil(n / span);
	const name = (group: number): string =>
		span === 1 ? (matrix.hosts[group] as string) : `${matrix.hosts[group * span]} +${Math.min(span, n - group * span) - 1}`;
	const cells: Outputs['links']['cells'] = [];
	for (let from = 0; from < groups; from++) {
		for (let to = 0; to < groups; to++) {
			let sum = 0;
			let count = 0;
			for (let i = from * span; i < Math.min(n, (from + 1) * span); i++) {
				for (let j = to * span; j < Math.min(n, (to + 1) * span); j++) {
					const value = matrix.bytesPerSecond[i * n + j] as number;
					if (i === j || !(value > 0)) continue;
					sum += value;
					count++;
				}
			}
			if (count > 0) cells.push({ from: name(from), to: name(to), bytesPerSecond: sum / count });
		}
	}
	return {
		source: linkSource,
		hosts: [...matrix.hosts],
		statistics: { ...linkStatistics(matrix) },
		cells,
		used:
			winner === undefined
				? []
				: usedLinks(prepared, winner).map(([i, j, use]) => ({ from: name(groupOf(i)), to: name(groupOf(j)), use })),
	};

	function groupOf(host: number): number {
		return Math.floor(host / span);
	}
}

type Used = [from: number, to: number, use: 'between stages' | 'between replicas'];

/** Links of the chosen placement, by host number, each once for a cell of the map. */
function usedLinks({ grid }: Prepared, { placement, tiling, setting }: PlacedCandidate): Used[] {
	const { rows, columns } = tiling;
	const host = (row: number, column: number): number =>
		(placement.order[row * columns + column] as number) * (grid.byDevice ? setting.tensorParallel : 1);
	const used: Used[] = [];
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column + 1 < columns; column++) used.push([host(row, column), host(row, column + 1), 'between stages']);
	}
	if (rows > 1) {
		for (let column = 0; column < columns; column++) {
			for (let row = 0; row < rows; row++) used.push([host(row, column), host((row + 1) % rows, column), 'between replicas']);
		}
	}
	return used.slice(0, 1500);
}
