/** Whether splitting would pay off for a model that is to be served. */
import { type Advise, InputError } from '@assay/contract';
import type { z } from 'zod';
import { inputs } from './inputs.ts';
import { machineBytes } from './machine-type.ts';
import type { Outputs } from './outputs.ts';
import { machineTypes } from './own-machine.ts';
import { weightBytesOf } from './served-model.ts';

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'serve') return { reason: 'Splitwise is about serving a language model' };
		if (subject.model === undefined) return { reason: 'no model is named' };
		if (subject.machine === undefined) return { reason: 'no machine is named' };
		if (typeof subject.model !== 'string')
			return { reason: 'bring the model by name, or as a config.json in the inputs of a run' };
		if (typeof subject.machine !== 'string')
			return { reason: 'bring the machine by name, or describe it in the inputs of a run' };
		const { machine } = subject;
		const model = subject.model;
		const cluster = { design: 'custom', promptType: machine, tokenType: machine, promptMachines: 25, tokenMachines: 15 } as const;
		try {
			const [type] = machineTypes(inputs.parse({ cluster }), [machine]).filter(({ name }) => name === machine);
			const weights = weightBytesOf(model);
			if (type !== undefined && weights >= machineBytes(type)) {
				return {
					reason: `the weights of ${model} (${weights} bytes) do not fit into one ${machine} (${machineBytes(type)} bytes)`,
				};
			}
		} catch (error) {
			if (error instanceof InputError) return { reason: error.message };
			throw error;
		}
		return {
			inputs: {
				model: { name: model },
				...(subject.trace !== undefined && { trace: { file: subject.trace } }),
				cluster,
			},
		};
	},
	gain({ simulation }) {
		const unsplit = simulation?.unsplit;
		if (simulation === null || unsplit === null || unsplit === undefined) return {};
		const ratio = (before: number | null, after: number | null): number | undefined =>
			before !== null && after !== null && after > 0 ? before / after : undefined;
		const latency = ratio(unsplit.meanE2eSeconds, simulation.latencies.e2e.mean);
		const throughput = ratio(simulation.maxRequestsPerSecond, unsplit.maxRequestsPerSecond);
		const energy = ratio(unsplit.relativePower, simulation.cluster.relativePower);
		const cost = ratio(unsplit.dollarsPerHour, simulation.cluster.dollarsPerHour);
		return {
			...(latency !== undefined && { latency }),
			...(throughput !== undefined && { throughput }),
			...(energy !== undefined && { energy }),
			...(cost !== undefined && { cost }),
		};
	},
};
