/**
 * The cost of a placement that changes step by step: each row's hops and each row's links to the next are kept, and only those of rows that
 * a step touches are computed again. What turns out dearer than a limit is not computed to the end.
 */
import type { PlacementProblem } from './placement-problem.ts';

export class GridCost {
	private readonly problem: PlacementProblem;
	private readonly ringColumns: number;
	/** Seconds of each row's messages, and the slowest link from each row to the next, as accepted and as proposed. */
	private readonly hops: Float64Array;
	private readonly links: Float64Array;
	private readonly proposedHops: Float64Array;
	private readonly proposedLinks: Float64Array;
	private firstRow = 0;
	private lastRow = -1;

	constructor(problem: PlacementProblem) {
		const { rows, columns, ringBytes } = problem;
		this.problem = problem;
		this.ringColumns = ringBytes === 0 || rows === 1 ? 0 : problem.rings === 'all stages' ? columns : 1;
		this.hops = new Float64Array(rows);
		this.links = new Float64Array(rows);
		this.proposedHops = new Float64Array(rows);
		this.proposedLinks = new Float64Array(rows);
	}

	/** Seconds of an order that differs from the accepted one within [from, to) only; beyond `limit` the figure may be too low. */
	propose(order: Int32Array, from: number, to: number, limit: number): number {
		const { rows, columns, ringBytes } = this.problem;
		const { hops, links, proposedHops, proposedLinks } = this;
		this.firstRow = Math.floor(from / columns);
		this.lastRow = Math.min(rows - 1, Math.ceil(to / columns) - 1);
		const { firstRow, lastRow } = this;
		let pipeline = 0;
		let ring = 0;
		for (let row = 0; row < rows; row++) {
			if (row >= firstRow && row <= lastRow) continue;
			if ((hops[row] as number) > pipeline) pipeline = hops[row] as number;
			if (!this.touchesLink(row) && (links[row] as number) > ring) ring = links[row] as number;
		}
		for (let row = firstRow; row <= lastRow; row++) {
			const cost = this.rowSeconds(order, row);
			proposedHops[row] = cost;
			if (cost > pipeline) pipeline = cost;
			if (pipeline + ringBytes * ring > limit) return pipeline + ringBytes * ring;
		}
		if (this.ringColumns === 0) return pipeline;
		for (let row = 0; row < rows; row++) {
			if (!this.touchesLink(row)) continue;
			const link = this.slowestLink(order, row);
			proposedLinks[row] = link;
			if (link > ring) ring = link;
			if (pipeline + ringBytes * ring > limit) return pipeline + ringBytes * ring;
		}
		return pipeline + ringBytes * ring;
	}

	/** Takes the last proposal, computed to its end, for the accepted order. */
	accept(): void {
		for (let row = this.firstRow; row <= this.lastRow; row++) this.hops[row] = this.proposedHops[row] as number;
		if (this.ringColumns === 0) return;
		for (let row = 0; row < this.problem.rows; row++) {
			if (this.touchesLink(row)) this.links[row] = this.proposedLinks[row] as number;
		}
	}

	/** Whether the link from this row to the next has an end in a row that changed. */
	private touchesLink(row: number): boolean {
		const { firstRow, lastRow } = this;
		if (lastRow < firstRow) return false;
		const next = row + 1 === this.problem.rows ? 0 : row + 1;
		return (row >= firstRow && row <= lastRow) || (next >= firstRow && next <= lastRow);
	}

	private rowSeconds(order: Int32Array, row: number): number {
		const { units, columns, secondsPerByte, hopBytes, wrapBytes } = this.problem;
		const start = row * columns;
		let from = (order[start] as number) * units;
		let sum = 0;
		for (let column = 1; column < columns; column++) {
			const to = order[start + column] as number;
			sum += secondsPerByte[from + to] as number;
			from = to * units;
		}
		const wrap = wrapBytes > 0 && columns > 1 ? wrapBytes * (secondsPerByte[from + (order[start] as number)] as number) : 0;
		return hopBytes * sum + wrap;
	}

	private slowestLink(order: Int32Array, row: number): number {
		const { units, rows, columns, secondsPerByte } = this.problem;
		const start = row * columns;
		const next = row + 1 === rows ? 0 : start + columns;
		let slowest = 0;
		for (let column = 0; column < this.ringColumns; column++) {
			const link = secondsPerByte[(order[start + column] as number) * units + (order[next + column] as number)] as number;
			if (link > slowest) slowest = link;
		}
		return slowest;
	}
}
