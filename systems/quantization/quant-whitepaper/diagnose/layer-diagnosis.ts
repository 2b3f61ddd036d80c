/**
 * Where the loss is from: each layer quantized alone, and all together. Noise of layers quantized alone nearly adds up at the logits, so each one's
 * share of the sum says what it costs.
 */
import type { RunContext } from '@assay/contract';
import type { Quantization } from '../integer/integer-network.ts';
import { type FloatModel, shapeOf, writeModel } from '../model/float-model.ts';
import type { QuantizedNetwork } from '../quantize/quantized-network.ts';
import type { LayerUnit } from '../quantize/units.ts';
import { qdqModel, qdqName, writeQdq } from '../quantize/write-qdq.ts';
import { openFedSession, openSession } from '../runtime.ts';
import { type ChangedPart, changedPart } from './changed-part.ts';
import type { Reference } from './quality.ts';
import { SignalToNoise } from './signal-to-noise.ts';

export interface LayerNoise {
	readonly unit: LayerUnit;
	/** Of its own output, its input being exact but for rounding to the grid. */
	readonly localDecibels: number | null;
	/** Of its output in the network that is quantized as a whole. */
	readonly accumulatedDecibels: number | null;
	/** Of the logits with this layer alone quantized. */
	readonly logitDecibels: number | null;
	/** Of the noise at the logits, layers quantized one at a time. */
	readonly lossShare: number;
	/** Share of its exact outputs that lie beyond the range of its codes. */
	readonly clippedShare: number;
}

/** Joining operators would take longer than the few samples that it would be for. */
const AS_WRITTEN = { asWritten: true };

/** In the order of the network. `progress` is called with the share that is done. */
export async function diagnoseLayers(
	network: QuantizedNetwork,
	reference: Reference,
	context: Pick<RunContext, 'pause'>,
	progress: (fraction: number) => void,
): Promise<LayerNoise[]> {
	const { model, plan } = network;
	const units = plan.units.filter((unit) => unit.kind === 'layer');
	const names = units.map(({ output }) => output);
	const io = { name: model.input, shape: shapeOf(model, model.input) };
	const observed = (name: string) => !model.outputs.includes(name);
	const further = [...new Set([...names, reference.tensor])].filter(observed);
	const exact = await openSession(writeModel(model, further), io);
	const whole = await openSession(writeQdq(network, { observe: names.filter(observed) }), io);
	const accumulated = names.map(() => new SignalToNoise());
	/** Each layer's exact outputs, sample by sample. */
	const outputs: Float32Array[][] = names.map(() => []);
	try {
		for (const sample of reference.samples) {
			await context.pause();
			const [float, integers] = [await exact.run(sample), await whole.run(sample)];
			for (const [index, name] of names.entries()) {
				const own = float.get(name) as Float32Array;
				outputs[index]?.push(own);
				accumulated[index]?.add(own, integers.get(observed(name) ? qdqName(name) : name) as Float32Array);
			}
		}
	} finally {
		await exact.close();
		await whole.close();
	}
	const alone: { readonly local: SignalToNoise; readonly logits: SignalToNoise }[] = [];
	const parts = units.map((unit) => quantizedPart(network, unit, reference.tensor));
	const fed = await tensorsFed(model, parts, reference, context);
	for (const [index, part] of parts.entries()) {
		progress(index / units.length);
		await context.pause();
		alone.push(await quantizedAlone(part, outputs[index] ?? [], fed, reference, context));
	}
	const total = alone.reduce((sum, { logits }) => sum + logits.noise, 0);
	return units.map((unit, index) => ({
		unit,
		localDecibels: alone[index]?.local.decibels ?? null,
		accumulatedDecibels: accumulated[index]?.decibels ?? null,
		logitDecibels: alone[index]?.logits.decibels ?? null,
		lossShare: total > 0 ? (alone[index]?.logits.noise ?? 0) / total : 0,
		clippedShare: clippedShare(outputs[index] ?? [], network.parameters.get(unit.output) as Quantization),
	}));
}

function clippedShare(outputs: readonly Float32Array[], { scale, zeroPoint }: Quantization): number {
	const [low, high] = [(-128.5 - zeroPoint) * scale, (127.5 - zeroPoint) * scale];
	let [beyond, all] = [0, 0];
	for (const values of outputs) {
		all += values.length;
		for (let i = 0; i < values.length; i++) if ((values[i] as number) < low || (values[i] as number) > high) beyond++;
	}
	return all === 0 ? 0 : beyond / all;
}

interface QuantizedPart extends ChangedPart {
	/** Names of the layer's own output and of the logits. */
	readonly local: string;
	readonly logits: string;
}

function quantizedPart(network: QuantizedNetwork, unit: LayerUnit, logits: string): QuantizedPart {
	const { model } = network;
	const isOutput = model.outputs.includes(unit.output);
	const local = isOutput ? unit.output : qdqName(unit.output);
	const isLogits = unit.output === logits;
	const quantized = qdqModel(network, {
		only: new Set([unit]),
		observe: isOutput ? [] : [unit.output],
		expose: isLogits || model.outputs.includes(logits) ? [] : [logits],
	});
	const wanted = isLogits ? [local] : [local, logits];
	return { ...changedPart(quantized, model, wanted), local, logits: isLogits ? local : logits };
}

/** Of each sample what the parts read, and the logits: in float, operators as they are written. */
async function tensorsFed(
	model: FloatModel,
	parts: readonly QuantizedPart[],
	{ samples, tensor }: Reference,
	context: Pick<RunContext, 'pause'>,
): Promise<ReadonlyMap<string, Float32Array>[]> {
	const needed = new Set([tensor, ...parts.flatMap(({ inputs }) => inputs)]);
	const further = [...needed].filter((name) => name !== model.input && !model.outputs.includes(name));
	const io = { name: model.input, shape: shapeOf(model, model.input) };
	const session = await openSession(writeModel(model, further), io, AS_WRITTEN);
	try {
		const all: ReadonlyMap<string, Float32Array>[] = [];
		for (const sample of samples) {
			await context.pause();
			all.push(new Map([...(await session.run(sample)), [model.input, sample]]));
		}
		return all;
	} finally {
		await session.close();
	}
}

async function quantizedAlone(
	{ model, inputs, local, logits }: QuantizedPart,
	outputs: readonly Float32Array[],
	fed: readonly ReadonlyMap<string, Float32Array>[],
	reference: Reference,
	context: Pick<RunContext, 'pause'>,
) {
	const io = inputs.map((name) => ({ name, shape: shapeOf(model, name) }));
	const session = await openFedSession(writeModel(model, [], { inputs }), io, AS_WRITTEN);
	const found = { local: new SignalToNoise(), logits: new SignalToNoise() };
	try {
		for (const [index, exact] of fed.entries()) {
			await context.pause();
			const values = await session.run(exact);
			found.local.add(outputs[index] as Float32Array, values.get(local) as Float32Array);
			// Logits that the layer does not reach stay as they are.
			const reached = values.get(logits) ?? exact.get(logits);
			found.logits.add(reference.logits[index] as Float32Array, reached as Float32Array);
		}
	} finally {
		await session.close();
	}
	return found;
}
