/** Products on this computer: tables against kernels that unpack weights, checked against each other to the bit. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import { timeOnThreads } from './kernels/column-blocks.ts';
import { compileKernels } from './kernels/kernels.ts';
import { hasKernel, prepareProduct, WAYS } from './kernels/run-kernel.ts';
import type { IntegerMatrix } from './lut/integer-product.ts';
import type { MeasuredOutput } from './outputs.ts';

const WIDTHS = [1, 2, 3, 4, 5, 6, 8];
const SCALE_GROUP = 128;
/** Widths whose tables are tried on several threads. */
const THREADED_WIDTHS: readonly number[] = [2, 4];

export async function runHere(
	here: Inputs['here'],
	context: Pick<RunContext, 'random' | 'pause' | 'progress' | 'parallel'>,
	bitWidths: readonly number[] = WIDTHS,
): Promise<{ measured: MeasuredOutput; answer: string }> {
	const depth = Math.ceil(here.depth / SCALE_GROUP) * SCALE_GROUP;
	const columns = Math.ceil(here.columns / 16) * 16;
	context.progress(0, 'kernels');
	const module = await compileKernels();
	const random = context.random.fork('numbers');
	const activations = Int8Array.from({ length: depth }, () => random.integer(255) - 127);
	const scales = Float32Array.from({ length: (depth / SCALE_GROUP) * columns }, () => 0.001 + 0.001 * random.uniform());
	const points: MeasuredOutput['points'] = [];
	const threads: MeasuredOutput['threads'] = [];
	for (const [index, bits] of bitWidths.entries()) {
		context.progress(index / bitWidths.length, `weights of ${bits} bits`);
		await context.pause();
		const half = 2 ** (bits - 1);
		const values = new Int32Array(depth * columns);
		for (let row = 0; row < depth; row++) {
			for (let column = 0; column < columns; column++) values[row * columns + column] = random.integer(2 * half) - half;
			await context.pause();
		}
		const weights: IntegerMatrix = { rows: depth, columns, values };
		const expected = await scaledProduct(activations, weights, scales, context.pause);
		const isExact = (found: Float32Array): boolean => expected.every((value, column) => Object.is(value, found[column]));
		const fastest = new Map<string, number>();
		for (const way of WAYS) {
			if (!hasKernel(way, bits)) continue;
			const product = await prepareProduct(module, way, activations, weights, scales, bits, SCALE_GROUP, context.pause);
			let least = Number.POSITIVE_INFINITY;
			for (let repeat = 0; repeat < here.repeats; repeat++) {
				const began = performance.now();
				product.run();
				least = Math.min(least, (performance.now() - began) / 1000);
				await context.pause();
			}
			fastest.set(way, least);
			points.push({
				bits,
				way,
				seconds: least,
				weightBytesPerSecond: product.weightBytes / least,
				opsPerSecond: (2 * depth * columns) / least,
				overVector: null,
				isExact: isExact(product.result()),
			});
		}
		const vector = fastest.get('vector');
		if (vector !== undefined) {
			for (const point of points) if (point.bits === bits) point.overVector = vector / point.seconds;
		}
		if (!THREADED_WIDTHS.includes(bits)) continue;
		const product = { module, activations, weights, scales, bits, scaleGroup: SCALE_GROUP };
		let one: number | undefined;
		for (let count = 1; count <= Math.min(here.threads, navigator.hardwareConcurrency); count *= 2) {
			const timed = await timeOnThreads(product, count, here.repeats, context.parallel);
			if (timed === null) break;
			one ??= timed.seconds;
			threads.push({
				bits,
				threads: count,
				seconds: timed.seconds,
				overOne: one / timed.seconds,
				isExact: isExact(timed.result),
			});
		}
	}
	context.progress(1, 'done');
	return { measured: { depth, columns, points, threads }, answer: answerOf(points, threads) };
}

function answerOf(points: MeasuredOutput['points'], threads: MeasuredOutput['threads']): string {
	const ratios = points.flatMap(({ bits, way, overVector }) =>
		way === 'tables' && overVector !== null ? [`${overVector.toPrecision(2)} times as fast with ${bits} bits`] : [],
	);
	const exact = [...points, ...threads].every(({ isExact }) => isExact)
		? 'All kernels agree to the bit'
		: 'Some kernels do NOT give the exact product';
	const most = threads.reduce<MeasuredOutput['threads'][number] | undefined>(
		(best, one) => (one.threads > (best?.threads ?? 1) ? one : best),
		undefined,
	);
	const scaling =
		most === undefined
			? ''
			: ` ${most.threads} threads are ${most.overOne.toPrecision(2)} times as fast as one with ${most.bits} bits.`;
	return `Against unpacking on the vector unit, tables are ${ratios.join(', ')} on this computer.${scaling} ${exact}.`;
}

/** The scaled product, plainly. */
async function scaledProduct(
	activations: Int8Array,
	weights: IntegerMatrix,
	scales: Float32Array,
	pause: () => Promise<void>,
): Promise<Float32Array> {
	const { rows: depth, columns, values } = weights;
	const result = new Float32Array(columns);
	const sums = new Int32Array(columns);
	for (let start = 0; start < depth; start += SCALE_GROUP) {
		sums.fill(0);
		await pause();
		for (let k = start; k < start + SCALE_GROUP; k++) {
			const activation = activations[k] as number;
			for (let column = 0; column < columns; column++)
				sums[column] = (sums[column] as number) + activation * (values[k * columns + column] as number);
		}
		for (let column = 0; column < columns; column++) {
			const scaled = Math.fround((sums[column] as number) * (scales[(start / SCALE_GROUP) * columns + column] as number));
			result[column] = (result[column] as number) + scaled;
		}
	}
	return result;
}
