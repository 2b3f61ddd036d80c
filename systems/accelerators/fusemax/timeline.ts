/**
 * The one-pass cascade tile by tile on the two arrays: every Einsum is a job that waits for what it needs, and an array issues its jobs in
 * program order. Nothing of the closed form enters; that both agree shows that its four phases are what the dependencies leave.
 */
import { TaskGraph } from '@assay/events';
import { EXPONENTIAL_ISSUES } from './designs/one-pass.ts';

interface TileJob {
	readonly einsum: string;
	readonly array: '2D' | '1D';
	/** Tile of keys, from 0, over all tiles of queries. */
	readonly tile: number;
	readonly start: number;
	readonly end: number;
}

interface Timeline {
	readonly jobs: readonly TileJob[];
	/** Cycles from the first logit to the last result. */
	readonly cycles: number;
}

const GRID = 0;
const LINE = 1;

/** Runs `keyTiles` tiles of keys for each of `queryTiles` tiles of queries; E and F are the widths of a head. */
export function simulateTiles(
	widths: { readonly E: number; readonly F: number },
	keyTiles: number,
	queryTiles: number,
): Timeline {
	const { E, F } = widths;
	const graph = new TaskGraph(['2D array', '1D array']);
	const named: { readonly einsum: string; readonly tile: number }[] = [];
	const lastOn: (number | undefined)[] = [undefined, undefined];
	const add = (lane: number, einsum: string, tile: number, cycles: number, after: readonly (number | undefined)[]): number => {
		const needs = [...after, lastOn[lane]].filter((job) => job !== undefined);
		const job = graph.add(lane, cycles, needs);
		named.push({ einsum, tile });
		lastOn[lane] = job;
		return job;
	};
	const tiles = keyTiles * queryTiles;
	/** Logits and maxima of a tile: issued while the tile before is being finished. */
	const logits = (tile: number) => {
		const qk = add(GRID, 'QK', tile, E, []);
		return add(GRID, 'LM', tile, 1, [qk]);
	};
	let lm = logits(0);
	let before: { rm: number; rd: number; rnv: number } | undefined;
	for (let tile = 0; tile < tiles; tile++) {
		if (tile % keyTiles === 0) before = undefined;
		const rm = add(LINE, 'RM', tile, 1, [lm, before?.rm]);
		const sln = add(GRID, 'SLN', tile, EXPONENTIAL_ISSUES, [rm]);
		const sld = add(GRID, 'SLD', tile, 1, [sln]);
		const slnv = add(GRID, 'SLNV', tile, F, [sln]);
		const prm = add(LINE, 'PRM', tile, EXPONENTIAL_ISSUES, [rm, before?.rm]);
		const spd = add(LINE, 'SPD', tile, 1, [prm, before?.rd]);
		const spnv = add(LINE, 'SPNV', tile, F, [prm, before?.rnv]);
		if (tile + 1 < tiles) lm = logits(tile + 1);
		const rd = add(LINE, 'RD', tile, 1, [spd, sld]);
		const rnv = add(LINE, 'RNV', tile, F, [spnv, slnv]);
		if ((tile + 1) % keyTiles === 0) add(LINE, 'AV', tile, F, [rd, rnv]);
		before = { rm, rd, rnv };
	}
	const { startSeconds, endSeconds, makespanSeconds } = graph.run();
	return {
		jobs: named.map(({ einsum, tile }, job) => ({
			einsum,
			array: graph.lane.view()[job] === GRID ? '2D' : '1D',
			tile,
			start: startSeconds[job] as number,
			end: endSeconds[job] as number,
		})),
		cycles: makespanSeconds,
	};
}
