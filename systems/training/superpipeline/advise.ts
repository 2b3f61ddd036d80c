/** Whether a model that a device cannot hold is worth streaming through it. */
import type { Advise } from '@assay/contract';
import { subjectMachine } from '@assay/machines';
import { bytesPerValue, kvCacheBytes, parameterCount, subjectModel } from '@assay/models';
import type { z } from 'zod';
import type { inputs } from './inputs.ts';
import type { Outputs, Planned } from './outputs.ts';
import { duration, gigabytes } from './plan/words.ts';

/** Length of context that advice assumes. */
const TOKENS = 1024;
/** Sequences that are served at a time, where their keys and values leave room. */
const SERVED_SEQUENCES = 32;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'serve' && subject.goal !== 'edge')
			return { reason: 'streaming layers is planned for inference on a device that cannot hold the model' };
		const model = subjectModel(subject);
		if ('reason' in model) return model;
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		const { cluster } = machine;
		const devices = cluster.nodes * cluster.devicesPerNode;
		const { parametersDtype, causal, contextTokens } = model.model;
		const weights = parameterCount(model.model).total * bytesPerValue(parametersDtype);
		const tokens = Math.min(TOKENS, contextTokens);
		const cacheBytes = causal ? kvCacheBytes(model.model, tokens) : 0;
		const resident = weights + cacheBytes;
		const memory = devices * cluster.device.memory.bytes;
		if (1.05 * resident <= memory)
			return { reason: `it fits (${gigabytes(resident)} of ${gigabytes(memory)}); streaming would only slow it down` };
		if (devices > 1)
			return { reason: `a schedule is planned for one device; among ${devices} the model is better split than streamed` };
		if (cluster.host !== null && cluster.host.memoryBytes < weights)
			return {
				reason: `the host cannot hold the weights either (${gigabytes(weights)} against ${gigabytes(cluster.host.memoryBytes)})`,
			};
		// Streaming pays only where many sequences share what comes over the link; their keys and values may take half of the device.
		let batch = subject.goal === 'edge' ? 1 : SERVED_SEQUENCES;
		while (batch > 1 && batch * cacheBytes > memory / 2) batch /= 2;
		return {
			inputs: { model: model.input, machine: machine.input, work: { use: causal ? 'generate' : 'prompt', batch, tokens } },
		};
	},
	assess({ planned }) {
		if (planned === null) return { reason: 'the run planned nothing' };
		const { chosen, resident } = planned;
		if (chosen.policy === 'resident') return { reason: 'it fits; streaming would only slow it down' };
		return {
			gain: {},
			against: 'everything on the device, which it does not hold',
			enables: `resident it would take ${gigabytes(resident.totalBytes)} and the device has ${gigabytes(planned.deviceBytes)}; ${chosen.label} takes ${gigabytes(chosen.totalBytes)}`,
			costs: {
				quality: `answers are the same; ${speed(planned)}`,
				hardware: `${gigabytes(planned.hostBytes)} of pinned host memory and a link of ${(planned.linkBytesPerSecond / 1e9).toFixed(1)} GB/s${planned.linkKnown ? '' : ' (assumed)'}`,
				effort:
					'an engine that prefetches layers: vLLM’s or diffusers’ group offloading, or a hook around each layer; no change to the model',
			},
		};
	},
};

function speed({ chosen, use, passTokens }: Planned): string {
	const share = chosen.waitInSeconds / chosen.passSeconds;
	const waiting = share > 0.02 ? `, ${(100 * share).toFixed(0)} % of it waiting for weights` : ', transfers hidden';
	if (use !== 'generate') return `a pass over ${passTokens} tokens takes ${duration(chosen.passSeconds)}${waiting}`;
	const together =
		passTokens === 1
			? ''
			: ` for each of ${passTokens} sequences (${(passTokens / chosen.passSeconds).toPrecision(3)} tokens/s together)`;
	return `${duration(chosen.passSeconds)} a token${together}${waiting}, ${chosen.slowdown.toFixed(1)} times what a device that held it would take`;
}
