/** Computes a cascade on real numbers, Einsum by Einsum and generation by generation, in the chosen arithmetic. */
import { InputError, nearestName, type Path } from '@assay/contract';
import type { Reduction } from './cascade.ts';
import type { CheckedCascade } from './check-cascade.ts';
import type { CheckedEinsum } from './checked-einsum.ts';
import { pointsOf } from './count-operations.ts';
import { type ArithmeticFormat, roundAll } from './number-rounding.ts';
import { type RankSizes, rankSizes } from './rank-sizes.ts';
import { allocateTensors, fillTensor, type StoredTensor, valuesOf } from './stored-tensor.ts';
import { type Numbers, newNumbers, type Row, rowExpression } from './vector-expression.ts';

export interface RunOptions {
	/** Sizes by name; they win over the text's. */
	readonly sizes?: Readonly<Record<string, number>>;
	/** Numbers of each input, row-major over its ranks as declared. */
	readonly inputs: Readonly<Record<string, ArrayLike<number>>>;
	readonly format?: ArithmeticFormat;
	/** Called every few milliseconds of work. */
	readonly pause?: () => Promise<void>;
	/** Prefix of errors. */
	readonly place?: Path;
}

export interface CascadeRun {
	/** A tensor's numbers, row-major without padding. */
	values(tensor: string): Float64Array;
	/** Results that are not numbers, and those that overflowed to plus infinity, by tensor; tensors without any are left out. */
	readonly notFinite: readonly { readonly tensor: string; readonly overflowed: number; readonly invalid: number }[];
}

/** Points of all Einsums together, at most: some minutes of work. */
const MOST_POINTS = 1e11;

/** Operations between two pauses. */
const WORK_BETWEEN_PAUSES = 4_000_000;

/**
 * Runs a cascade. Sums of products round once per multiply-accumulate, as fused hardware does; in a narrow format the sum stays in that
 * format. Raises an `InputError` for missing inputs and sizes.
 */
export async function runCascade(checked: CheckedCascade, options: RunOptions): Promise<CascadeRun> {
	const { format = 'float64', pause = async () => undefined, place = [], inputs } = options;
	const sizes = rankSizes(checked, options.sizes, [...place, 'sizes']);
	const points = checked.einsums.reduce((sum, einsum) => sum + pointsOf(einsum, sizes), 0);
	if (points > MOST_POINTS)
		throw new InputError({
			path: [...place, 'sizes'],
			found: `${points.toExponential(1)} points in all Einsums`,
			expected: `at most ${MOST_POINTS}; smaller sizes`,
		});
	const tensors = allocateTensors(checked.tensors.values(), sizes, format, [...place, 'sizes']);
	const declared = [...checked.tensors.values()].filter(({ kind }) => kind === 'input').map(({ name }) => name);
	for (const name of Object.keys(inputs))
		if (!declared.includes(name))
			throw new InputError({
				path: [...place, 'inputs', name],
				found: 'an input',
				expected: `one of ${declared.join(', ')}`,
				nearest: nearestName(name, declared),
			});
	for (const name of declared) {
		const values = inputs[name];
		if (values === undefined)
			throw new InputError({ path: [...place, 'inputs', name], found: 'nothing', expected: 'its numbers' });
		fillTensor(tensors.get(name) as StoredTensor, values, sizes, format, [...place, 'inputs']);
	}
	let work = 0;
	for (const { generation, einsums } of checked.order) {
		const steps = einsums.map((einsum) => einsumSteps(einsum, tensors, sizes, format, generation));
		const generations = generation === null ? 1 : sizes.of(generation);
		for (let at = 0; at < generations; at++) {
			for (const step of steps) {
				for (const operations of step(at)) {
					work += operations;
					if (work < WORK_BETWEEN_PAUSES) continue;
					work = 0;
					await pause();
				}
			}
		}
	}
	return {
		values: (tensor) => valuesOf(tensors.get(tensor) as StoredTensor, sizes),
		notFinite: [...tensors.values()].flatMap(({ tensor, values }) => {
			let overflowed = 0;
			let invalid = 0;
			for (const value of values) {
				if (value === Number.POSITIVE_INFINITY) overflowed++;
				else if (Number.isNaN(value)) invalid++;
			}
			if (tensor.kind === 'input' || overflowed + invalid === 0) return [];
			return [{ tensor: tensor.name, overflowed, invalid }];
		}),
	};
}

/** An Einsum made ready: each call computes one generation (or all there is), giving the number of operations now and then. */
function einsumSteps(
	einsum: CheckedEinsum,
	tensors: ReadonlyMap<string, StoredTensor>,
	sizes: RankSizes,
	format: ArithmeticFormat,
	generation: string | null,
): (at: number) => Generator<number> {
	const output = tensors.get(einsum.tensor) as StoredTensor;
	const outer = einsum.ranks.filter((rank) => rank !== generation);
	const along = outer.pop() ?? null;
	const reduced = einsum.reduction?.ranks ?? [];
	const names = [...outer, ...reduced, ...(generation === null ? [] : [generation])];
	const position = new Map(names.map((rank, i) => [rank, i]));
	const length = along === null ? 1 : sizes.of(along);
	const extents = names.map((rank) => sizes.of(rank));
	const outerCount = extents.slice(0, outer.length).reduce((product, extent) => product * extent, 1);
	const reducedCount = extents
		.slice(outer.length, outer.length + reduced.length)
		.reduce((product, extent) => product * extent, 1);
	const options = { format, along, length, position, tensors, sizes };
	const product = einsum.expression.kind === 'binary' && einsum.expression.operator === '*' ? einsum.expression : null;
	const fused = einsum.reduction?.by === 'sum' && product !== null;
	const factors = fused && product !== null ? [rowExpression(product.left, options), rowExpression(product.right, options)] : [];
	const whole = fused ? null : rowExpression(einsum.expression, options);
	const sum = newNumbers(format, length);
	const rounds = format === 'float16' || format === 'bfloat16';
	const limits = sizes.ragged
		.map(({ size, strides }) => ({
			size,
			alongStride: along === null ? 0 : (strides.get(along) ?? 0),
			strides: names.map((rank) => strides.get(rank) ?? 0),
		}))
		.filter(({ alongStride, strides }) => alongStride > 0 || strides.some((stride) => stride > 0));
	const point = new Int32Array(names.length);
	const start = einsum.indices.findIndex(({ kind }) => kind === 'next');
	const outputStrides = einsum.indices.map((index, i) => ({ index, stride: output.strides[i] as number }));
	const alongStride = outputStrides.find(({ index }) => 'rank' in index && index.rank === along)?.stride ?? 0;
	const cost = 1 + nodes(einsum);

	/** Points along the row that exist at the current point; 0 where it lies in the padding. */
	const existing = (): number => {
		let count = length;
		for (const { size, strides, alongStride: step } of limits) {
			let base = 0;
			for (let i = 0; i < strides.length; i++) base += (strides[i] as number) * (point[i] as number);
			if (base >= size) return 0;
			if (step > 0) count = Math.min(count, Math.ceil((size - base) / step));
		}
		return count;
	};
	const setPoint = (first: number, ranks: number, n: number): void => {
		let rest = n;
		for (let i = first + ranks - 1; i >= first; i--) {
			const extent = extents[i] as number;
			point[i] = rest % extent;
			rest = Math.floor(rest / extent);
		}
	};
	const accumulate = (by: Reduction, from: number, to: number, width: number): void => {
		for (let r = from; r < to; r++) {
			setPoint(outer.length, reduced.length, r);
			const count = limits.length === 0 ? width : existing();
			if (count === 0) continue;
			if (whole === null)
				multiplyAccumulate(sum, factors[0]?.row(point, count) as Row, factors[1]?.row(point, count) as Row, count);
			else reduceRow[by](sum, whole.row(point, count), count);
			if (rounds) roundAll(sum, count, format);
		}
	};
	const store = (width: number): void => {
		let offset = start < 0 ? 0 : (output.strides[start] as number);
		for (const { index, stride } of outputStrides)
			if ('rank' in index && index.rank !== along) offset += stride * (point[position.get(index.rank) as number] as number);
		for (let i = 0; i < width; i++) output.values[offset + i * alongStride] = sum[i] as number;
	};
	const reductionsAtOnce = Math.max(1, Math.floor(WORK_BETWEEN_PAUSES / (length * cost)));
	return function* (at: number) {
		if (generation !== null) point[names.length - 1] = at;
		for (let n = 0; n < outerCount; n++) {
			setPoint(0, outer.length, n);
			setPoint(outer.length, reduced.length, 0);
			const width = existing();
			if (width === 0) continue;
			if (einsum.reduction === null) {
				copyRow((whole as NonNullable<typeof whole>).row(point, width), sum, width);
				yield width * cost;
			} else {
				sum.fill(identity[einsum.reduction.by]);
				for (let r = 0; r < reducedCount; r += reductionsAtOnce) {
					const to = Math.min(reducedCount, r + reductionsAtOnce);
					accumulate(einsum.reduction.by, r, to, width);
					yield (to - r) * width * cost;
				}
			}
			store(width);
		}
	};
}

const identity: Readonly<Record<Reduction, number>> = { sum: 0, max: Number.NEGATIVE_INFINITY, min: Number.POSITIVE_INFINITY };

function copyRow({ values, offset, stride }: Row, to: Numbers, count: number): void {
	for (let i = 0; i < count; i++) to[i] = values[offset + i * stride] as number;
}

function multiplyAccumulate(sum: Numbers, a: Row, b: Row, count: number): void {
	const { values: x, offset: i0, stride: si } = a;
	const { values: y, offset: j0, stride: sj } = b;
	if (si === 0) {
		const factor = x[i0] as number;
		for (let i = 0; i < count; i++) sum[i] = (sum[i] as number) + factor * (y[j0 + i * sj] as number);
	} else for (let i = 0; i < count; i++) sum[i] = (sum[i] as number) + (x[i0 + i * si] as number) * (y[j0 + i * sj] as number);
}

const reduceRow: Readonly<Record<Reduction, (sum: Numbers, row: Row, count: number) => void>> = {
	sum: (sum, { values, offset, stride }, count) => {
		for (let i = 0; i < count; i++) sum[i] = (sum[i] as number) + (values[offset + i * stride] as number);
	},
	max: (sum, { values, offset, stride }, count) => {
		for (let i = 0; i < count; i++) sum[i] = Math.max(sum[i] as number, values[offset + i * stride] as number);
	},
	min: (sum, { values, offset, stride }, count) => {
		for (let i = 0; i < count; i++) sum[i] = Math.min(sum[i] as number, values[offset + i * stride] as number);
	},
};

/** Rough work of a point. */
function nodes({ reads }: CheckedEinsum): number {
	return 2 * reads.length;
}
