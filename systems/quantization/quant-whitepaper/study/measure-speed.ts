/** Time of one sample, before and after, on one thread of this machine. */
import type { RunContext } from '@assay/contract';
import { qualityOf, type Reference } from '../diagnose/quality.ts';
import { FloatExecutor } from '../float/float-executor.ts';
import { IntegerExecutor } from '../integer/integer-executor.ts';
import type { IntegerNetwork } from '../integer/integer-network.ts';
import { type FloatModel, shapeOf, writeModel } from '../model/float-model.ts';
import type { QuantizedNetwork } from '../quantize/quantized-network.ts';
import { writeIntegerOperators } from '../quantize/write-integer-operators.ts';
import { codesOf, observation, writeQdq } from '../quantize/write-qdq.ts';
import { openSession, type SessionChoices } from '../runtime.ts';

export const OUR_FLOATS = 'Assay’s kernels in WebAssembly, float';
export const OUR_INTEGERS = 'Assay’s kernels in WebAssembly, 8 bits';

const WARM_UP = 3;
/** Enough runs for a steady median, and no more than so long. */
const MOST_RUNS = 50;
const MOST_SECONDS = 1.5;

export interface Timing {
	readonly what: string;
	readonly seconds: number;
	/** Share of decisions that are the float network's; null where that is not compared. */
	readonly agreement: number | null;
}

export async function measureSpeed(
	float: FloatModel,
	network: QuantizedNetwork,
	integers: IntegerNetwork | undefined,
	reference: Reference,
	context: Pick<RunContext, 'pause'>,
): Promise<Timing[]> {
	const [sample] = reference.samples;
	if (sample === undefined) return [];
	const timings: Timing[] = [];
	const { name, options } = observation(network, reference.tensor);
	const qdq = writeQdq(network);
	const observed = writeQdq(network, options);
	const files: readonly (readonly [string, Uint8Array, SessionChoices, Uint8Array | undefined])[] = [
		['onnxruntime, float', writeModel(float), {}, undefined],
		['onnxruntime, quantized, as it comes', qdq, { exactProducts: false }, observed],
		['onnxruntime, quantized, products that do not overflow', qdq, { exactProducts: true }, observed],
		['onnxruntime, integer operators', writeIntegerOperators(network), { exactProducts: false }, undefined],
	];
	for (const [what, file, choices, compared] of files) {
		await context.pause();
		const session = await openSession(file, { name: float.input, shape: shapeOf(float, float.input) }, choices);
		const seconds = await medianSeconds(() => session.run(sample), context);
		await session.close();
		const quality = compared === undefined ? undefined : await qualityOf(compared, name, float, reference, context, choices);
		timings.push({ what, seconds, agreement: quality?.agreement ?? null });
	}
	if (integers !== undefined) {
		const floats = await FloatExecutor.create(network.model, network.plan);
		timings.push({
			what: OUR_FLOATS,
			seconds: await medianSeconds(async () => floats.run(sample), context),
			agreement: null,
		});
		const executor = await IntegerExecutor.create(integers);
		const codes = codesOf(sample, network.parameters.get(float.input) ?? { scale: 1, zeroPoint: 0 });
		timings.push({
			what: OUR_INTEGERS,
			seconds: await medianSeconds(async () => executor.run(codes), context),
			agreement: null,
		});
	}
	return timings;
}

async function medianSeconds(run: () => Promise<unknown>, context: Pick<RunContext, 'pause'>): Promise<number> {
	for (let i = 0; i < WARM_UP; i++) await run();
	const times: number[] = [];
	const start = performance.now();
	while (times.length < MOST_RUNS && (times.length < 5 || performance.now() - start < 1000 * MOST_SECONDS)) {
		await context.pause();
		const before = performance.now();
		await run();
		times.push((performance.now() - before) / 1000);
	}
	times.sort((a, b) => a - b);
	return times[Math.floor(times.length / 2)] as number;
}
