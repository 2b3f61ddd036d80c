/**
 * The kernel that quantises: a quartet of groups is read into scratch, rotated there, and each 32 values of it are scaled, rounded and written.
 */
import type { Assembler, Code, Variable } from '@assay/webassembly';
import { roundElements, writeCodes } from './kernel-elements.ts';
import { philoxLanes } from './kernel-philox.ts';
import { chooseScales, factorsAt } from './kernel-scales.ts';
import { multiplyScratch, normalize, promoted, SCRATCH_HALF, transformScratch } from './kernel-transform.ts';
import { GROUP } from './quantizer.ts';

/** In the order of `quantizeGroups`: 17 addresses and counts, shrink and correction, and five more. */
const PARAMETERS = [
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
	'f64',
	'f64',
	'i32',
	'i32',
	'i32',
	'i32',
	'i32',
] as const;

export function defineQuantize(assembler: Assembler): void {
	assembler.define('quantizeGroups', PARAMETERS, (code, ...parameters) => {
		const [
			source,
			target,
			kept,
			codes,
			scales,
			quartets,
			size,
			valueBytes,
			groupBytes,
			quartetBytes,
			firstGroup,
			groupStep,
			quartetStep,
			hadamard,
			signs,
			matrix,
			scaleRule,
			shrink,
			correction,
			projects,
			stochastic,
			key0,
			key1,
			scratch,
		] = parameters;
		const { i32, i32x4, f32x4, v128 } = code.module;
		const laneOffset = Array.from({ length: 4 }, (_, lane) => code.let('i32', code.product(groupBytes.get(), code.int(lane))));
		const adjacent = code.let('i32', i32.eq(groupBytes.get(), code.int(4)));
		const groupNumbers = code.let('v128', i32x4.splat(firstGroup.get()));
		const steps = [0, 1, 2, 3].map((lane) => code.let('i32', code.product(groupStep.get(), code.int(lane))));
		for (const [lane, step] of steps.entries())
			groupNumbers.set(
				i32x4.replace_lane(groupNumbers.get(), lane, code.sum(i32x4.extract_lane(groupNumbers.get(), lane), step.get())),
			);
		const words = Array.from({ length: 4 }, () => code.declare('v128'));
		const quartet = code.let('i32', code.int(0));
		code.count(quartet, quartets.get, 1, () => {
			readQuartet(code, { source, scratch, size, valueBytes, laneOffset, adjacent, signs });
			code.if(hadamard.get(), () => {
				transformScratch(code, scratch, size);
				normalize(code, scratch, size);
			});
			code.if(matrix.get(), () => multiplyScratch(code, scratch, matrix, size));
			const inner = code.let('i32', code.int(0));
			code.count(inner, size.get, GROUP, () => {
				const start = code.let('i32', code.sum(scratch.get(), code.times(inner.get(), 16)));
				const scaleIndex = code.let('i32', i32.shr_u(inner.get(), code.int(5)));
				chooseScales(code, { start, scratch, scaleRule, shrink, correction, scales, scaleIndex, size });
				const factors = factorsAt(code, scratch);
				const index = code.let('i32', code.int(0));
				code.count(
					index,
					() => code.int(GROUP),
					1,
					() => {
						const at = code.let('i32', code.sum(start.get(), code.times(index.get(), 16)));
						const x = code.let('v128', v128.load(0, 4, at.get()));
						const z = code.let('v128', f32x4.mul(x.get(), factors.inverse()));
						const place = code.let('i32', code.sum(inner.get(), index.get()));
						const draw = code.let('v128', i32x4.splat(code.int(0)));
						code.if(stochastic.get(), () => {
							code.if(i32.eqz(i32.and(place.get(), code.int(3))), () => {
								const blocks = i32x4.mul(groupNumbers.get(), i32x4.splat(i32.shr_u(size.get(), code.int(2))));
								philoxLanes(code, i32x4.add(blocks, i32x4.splat(i32.shr_u(place.get(), code.int(2)))), key0, key1, words);
							});
							draw.set((words[0] as Variable).get());
							for (let w = 1; w < 4; w++)
								code.if(i32.eq(i32.and(place.get(), code.int(3)), code.int(w)), () => draw.set((words[w] as Variable).get()));
						});
						const { magnitude, number } = roundElements(code, z, stochastic, draw);
						const sign = v128.and(z.get(), i32x4.splat(code.int(0x80000000 | 0)));
						const value = code.let('v128', v128.or(f32x4.mul(magnitude.get(), factors.output()), sign));
						code.if(kept.get(), () => {
							const inside = f32x4.lt(f32x4.abs(z.get()), f32x4.splat(code.module.f32.const(6)));
							const ones = code.let('v128', v128.and(inside, f32x4.splat(code.module.f32.const(1))));
							writeLanes(code, kept, place, valueBytes, laneOffset, adjacent, ones);
						});
						code.if(codes.get(), () => writeCodes(code, { codes, place, size, z, number }));
						code.if(
							projects.get(),
							() => {
								// Kept beside x until the projection is known.
								code.emit(v128.store(SCRATCH_HALF, 4, code.sum(scratch.get(), code.times(place.get(), 16)), value.get()));
							},
							() => writeLanes(code, target, place, valueBytes, laneOffset, adjacent, value),
						);
					},
				);
			});
			code.if(projects.get(), () => projectQuartet(code, { scratch, target, size, valueBytes, laneOffset, adjacent }));
			source.set(code.sum(source.get(), quartetBytes.get()));
			for (const place of [target, kept]) code.if(place.get(), () => place.set(code.sum(place.get(), quartetBytes.get())));
			code.if(codes.get(), () => codes.set(code.sum(codes.get(), code.times(size.get(), 2))));
			code.if(scales.get(), () => scales.set(code.sum(scales.get(), i32.shr_u(size.get(), code.int(3)))));
			groupNumbers.set(i32x4.add(groupNumbers.get(), i32x4.splat(quartetStep.get())));
		});
		return undefined;
	});
}

interface Reading {
	readonly source: Variable;
	readonly scratch: Variable;
	readonly size: Variable;
	readonly valueBytes: Variable;
	readonly laneOffset: readonly Variable[];
	readonly adjacent: Variable;
	readonly signs: Variable;
}

function readQuartet(code: Code, { source, scratch, size, valueBytes, laneOffset, adjacent, signs }: Reading): void {
	const { f32, f32x4, v128 } = code.module;
	const from = code.let('i32', source.get());
	const to = code.let('i32', scratch.get());
	const sign = code.let('i32', signs.get());
	const index = code.let('i32', code.int(0));
	const x = code.declare('v128');
	code.count(index, size.get, 1, () => {
		code.if(
			adjacent.get(),
			() => x.set(v128.load(0, 4, from.get())),
			() => {
				x.set(v128.load32_splat(0, 4, from.get()));
				for (let lane = 1; lane < 4; lane++)
					x.set(v128.load32_lane(0, 4, lane, code.sum(from.get(), (laneOffset[lane] as Variable).get()), x.get()));
			},
		);
		code.if(signs.get(), () => {
			x.set(f32x4.mul(x.get(), f32x4.splat(f32.load(0, 4, sign.get()))));
			sign.set(code.sum(sign.get(), code.int(4)));
		});
		code.emit(v128.store(0, 4, to.get(), x.get()));
		from.set(code.sum(from.get(), valueBytes.get()));
		to.set(code.sum(to.get(), code.int(16)));
	});
}

function writeLanes(
	code: Code,
	target: Variable,
	place: Variable,
	valueBytes: Variable,
	laneOffset: readonly Variable[],
	adjacent: Variable,
	value: Variable,
): void {
	const { v128 } = code.module;
	code.if(target.get(), () => {
		const at = code.let('i32', code.sum(target.get(), code.product(place.get(), valueBytes.get())));
		code.if(
			adjacent.get(),
			() => code.emit(v128.store(0, 4, at.get(), value.get())),
			() => {
				for (let lane = 0; lane < 4; lane++)
					code.emit(v128.store32_lane(0, 4, lane, code.sum(at.get(), (laneOffset[lane] as Variable).get()), value.get()));
			},
		);
	});
}

type Projecting = Omit<Reading, 'source' | 'signs'> & { readonly target: Variable };

/** Multiplies what stands in scratch by <x, x> / <x, q> of its group and writes it out. */
function projectQuartet(code: Code, { scratch, target, size, valueBytes, laneOffset, adjacent }: Projecting): void {
	const { f32, f64, f32x4, f64x2, v128 } = code.module;
	const sums = Array.from({ length: 4 }, () => code.let('v128', f64x2.splat(f64.const(0))));
	const at = code.let('i32', scratch.get());
	const end = code.let('i32', code.sum(scratch.get(), code.times(size.get(), 16)));
	const [x, q] = [code.declare('v128'), code.declare('v128')];
	code.count(at, end.get, 16, () => {
		x.set(v128.load(0, 4, at.get()));
		q.set(v128.load(SCRATCH_HALF, 4, at.get()));
		for (const [half, which] of (['low', 'high'] as const).entries()) {
			const wide = code.let('v128', promoted(code, x, which));
			const [length, projection] = [sums[half] as Variable, sums[2 + half] as Variable];
			length.set(f64x2.add(length.get(), f64x2.mul(wide.get(), wide.get())));
			projection.set(f64x2.add(projection.get(), f64x2.mul(wide.get(), promoted(code, q, which))));
		}
	});
	const factors = code.let('v128', f32x4.splat(f32.const(1)));
	for (let lane = 0; lane < 4; lane++) {
		const half = lane < 2 ? 0 : 1;
		const projection = code.let('f64', f64x2.extract_lane((sums[2 + half] as Variable).get(), lane % 2));
		code.if(f64.gt(projection.get(), f64.const(0)), () => {
			const ratio = f64.div(f64x2.extract_lane((sums[half] as Variable).get(), lane % 2), projection.get());
			factors.set(f32x4.replace_lane(factors.get(), lane, f32.demote(ratio)));
		});
	}
	const place = code.let('i32', code.int(0));
	const value = code.declare('v128');
	code.count(place, size.get, 1, () => {
		const stored = v128.load(SCRATCH_HALF, 4, code.sum(scratch.get(), code.times(place.get(), 16)));
		value.set(f32x4.mul(stored, factors.get()));
		writeLanes(code, target, place, valueBytes, laneOffset, adjacent, value);
	});
}
