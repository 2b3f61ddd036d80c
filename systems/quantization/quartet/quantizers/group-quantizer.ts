/** Arrays and matrices through the kernels: groups along rows or down columns, of arrays outside or addresses inside a kernel memory. */
import {
	type Address,
	compileQuantizers,
	instantiateQuantizers,
	type QuantizerKernels,
	SCRATCH_BYTES,
	type ScaleRule,
} from './kernel.ts';
import { GROUP, type Quantizer, scaleRoundings } from './quantizer.ts';
import type { QuantizeOptions } from './reference.ts';
import type { Rotation } from './rotation.ts';

/** A quantiser bound to a memory; the three places are the kernels' own. */
export interface PlacedQuantizer {
	readonly kernels: QuantizerKernels;
	readonly scratch: Address;
	/** Room for 128 signs, then for a matrix of 32 x 32. */
	readonly rotation: Address;
}

/** Bytes that `PlacedQuantizer.rotation` needs. */
export const ROTATION_BYTES = 4 * (128 + GROUP * GROUP);
const MATRIX_OFFSET = 4 * 128;

/** What is written where; 0 for what is not wanted. */
interface Outputs {
	readonly target: Address;
	readonly kept?: Address;
	readonly codes?: Address;
	readonly scales?: Address;
	/** Number of the first group in the seed's stream. */
	readonly firstGroup?: number;
}

/** Quantises rows x columns floats at `source`, groups along the rows (`row`) or down the columns. Raises a RangeError for sizes that are no whole groups. */
export function quantizeMatrix(
	placed: PlacedQuantizer,
	source: Address,
	{ rows, columns }: { readonly rows: number; readonly columns: number },
	along: 'row' | 'column',
	quantizer: Quantizer,
	{ rotation, seed = 0 }: QuantizeOptions,
	memory: WebAssembly.Memory,
	{ target, kept = 0, codes = 0, scales = 0, firstGroup = 0 }: Outputs,
): void {
	const { rotated } = quantizer;
	const summed = along === 'row' ? columns : rows;
	if (summed % rotated !== 0) throw new RangeError(`${summed} values are no whole number of groups of ${rotated}`);
	const groups = (rows * columns) / rotated;
	if (groups % 4 !== 0) throw new RangeError(`${groups} groups are not a multiple of four`);
	const { hadamard, signs, matrix } = placeRotation(placed, rotation, memory);
	const rule: ScaleRule =
		quantizer.scale.from === 'largest' ? 3 : (scaleRoundings.indexOf(quantizer.scale.rounding) as ScaleRule);
	const run = (
		from: Address,
		offset: number,
		quartets: number,
		strides: readonly [number, number, number, number, number, number],
	) => {
		const [valueBytes, groupBytes, quartetBytes, first, groupStep, quartetStep] = strides;
		const shifted = (place: Address) => (place === 0 ? 0 : place + offset);
		placed.kernels.quantizeGroups(
			from + offset,
			shifted(target),
			shifted(kept),
			codes,
			scales,
			quartets,
			rotated,
			valueBytes,
			groupBytes,
			quartetBytes,
			first,
			groupStep,
			quartetStep,
			hadamard,
			signs,
			matrix,
			rule,
			quantizer.shrink,
			quantizer.lengthCorrection,
			quantizer.projects ? 1 : 0,
			quantizer.stochastic ? 1 : 0,
			seed >>> 0,
			Math.floor(seed / 4294967296),
			placed.scratch,
		);
	};
	if (along === 'row') {
		run(source, 0, groups / 4, [4, 4 * rotated, 16 * rotated, firstGroup, 1, 4]);
		return;
	}
	const perColumn = rows / rotated;
	for (let block = 0; block < perColumn; block++) {
		const offset = 4 * block * rotated * columns;
		run(source, offset, columns / 4, [4 * columns, 4, 16, firstGroup + block, perColumn, 4 * perColumn]);
	}
}

function placeRotation({ rotation: place }: PlacedQuantizer, rotation: Rotation, memory: WebAssembly.Memory) {
	if (rotation.kind === 'none') return { hadamard: 0, signs: 0, matrix: 0 };
	if (rotation.kind === 'orthogonal') {
		new Float32Array(memory.buffer, place + MATRIX_OFFSET, rotation.matrix.length).set(rotation.matrix);
		return { hadamard: 0, signs: 0, matrix: place + MATRIX_OFFSET };
	}
	if (rotation.signs === undefined) return { hadamard: 1, signs: 0, matrix: 0 };
	new Float32Array(memory.buffer, place, rotation.signs.length).set(rotation.signs);
	return { hadamard: 1, signs: place, matrix: 0 };
}

/** Values in a piece: a multiple of four groups of 128 that stays in the processor's cache. */
const PIECE = 32_768;
const SOURCE = 64;
const TARGET = SOURCE + 4 * PIECE;
const KEPT = TARGET + 4 * PIECE;
const CODES = KEPT + 4 * PIECE;
const SCALES = CODES + PIECE / 2;
const ROTATION = SCALES + PIECE / GROUP;
const SCRATCH = ROTATION + ROTATION_BYTES;
const PAGES = Math.ceil((SCRATCH + SCRATCH_BYTES) / 65_536);

/** Where results go; each is as long as the values, `codes` half and `scales` a 32nd of that. */
export interface GroupOutputs {
	readonly values?: Float32Array;
	readonly kept?: Float32Array;
	/** Two E2M1 codes a byte, the first in the low half. */
	readonly codes?: Uint8Array;
	readonly scales?: Uint8Array;
}

/** Quantises arrays of any length of whole groups, piece by piece; not for use by several threads. */
export class GroupQuantizer {
	private readonly memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
	private readonly placed: PlacedQuantizer;

	static async create(): Promise<GroupQuantizer> {
		return new GroupQuantizer(await compileQuantizers());
	}

	private constructor(module: WebAssembly.Module) {
		this.placed = { kernels: instantiateQuantizers(module, this.memory), scratch: SCRATCH, rotation: ROTATION };
	}

	/** As `quantizeReference`, bit for bit. Raises a RangeError for lengths that are no whole groups. */
	quantize(values: Float32Array, quantizer: Quantizer, options: QuantizeOptions, outputs: GroupOutputs): void {
		if (values.length % quantizer.rotated !== 0)
			throw new RangeError(`${values.length} values are no whole number of groups of ${quantizer.rotated}`);
		const floats = (at: Address, count: number) => new Float32Array(this.memory.buffer, at, count);
		const bytes = new Uint8Array(this.memory.buffer);
		for (let at = 0; at < values.length; at += PIECE) {
			const part = values.subarray(at, at + PIECE);
			const quartet = 4 * quantizer.rotated;
			const padded = Math.ceil(part.length / quartet) * quartet;
			const source = floats(SOURCE, padded);
			source.set(part);
			source.fill(0, part.length);
			const places = {
				target: outputs.values === undefined ? 0 : TARGET,
				kept: outputs.kept === undefined ? 0 : KEPT,
				codes: outputs.codes === undefined ? 0 : CODES,
				scales: outputs.scales === undefined ? 0 : SCALES,
				firstGroup: at / quantizer.rotated,
			};
			quantizeMatrix(this.placed, SOURCE, { rows: 1, columns: padded }, 'row', quantizer, options, this.memory, places);
			outputs.values?.set(floats(TARGET, part.length), at);
			outputs.kept?.set(floats(KEPT, part.length), at);
			outputs.codes?.set(bytes.subarray(CODES, CODES + part.length / 2), at / 2);
			outputs.scales?.set(bytes.subarray(SCALES, SCALES + part.length / GROUP), at / GROUP);
		}
	}
}
