/** Runs a network in this house's integers beside its exported file of integer operators: how many outputs lie within one step of each other. */
import type { RunContext } from '@assay/contract';
import { IntegerExecutor } from '../integer/integer-executor.ts';
import type { IntegerNetwork, Quantization } from '../integer/integer-network.ts';
import { shapeOf } from '../model/float-model.ts';
import type { QuantizedNetwork } from '../quantize/quantized-network.ts';
import { writeIntegerOperators } from '../quantize/write-integer-operators.ts';
import { codesOf } from '../quantize/write-qdq.ts';
import { openSession } from '../runtime.ts';

/** The share of the first output's values. */
export async function withinOneStep(
	network: QuantizedNetwork,
	integers: IntegerNetwork,
	samples: readonly Float32Array[],
	context: Pick<RunContext, 'pause'>,
): Promise<number> {
	const { model, parameters } = network;
	const executor = await IntegerExecutor.create(integers);
	const io = { name: model.input, shape: shapeOf(model, model.input) };
	// Kernels for int8 inputs add in 32 bits; the other setting is not for them.
	const session = await openSession(writeIntegerOperators(network), io, { exactProducts: false });
	const { scale, zeroPoint } = parameters.get(integers.output) as Quantization;
	let [near, all] = [0, 0];
	try {
		for (const sample of samples) {
			await context.pause();
			const ours = executor.run(codesOf(sample, parameters.get(model.input) as Quantization));
			const theirs = (await session.run(sample)).get(integers.output) as Float32Array;
			for (const [index, value] of theirs.entries())
				if (Math.abs(Math.round(value / scale) + zeroPoint - (ours[index] as number)) <= 1) near++;
			all += theirs.length;
		}
	} finally {
		await session.close();
	}
	return near / Math.max(1, all);
}
