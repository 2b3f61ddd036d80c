/** Whether generating tokens in memory would pay off for a model, against a bound of the subject's own machine. */
import { type Advise, InputError } from '@assay/contract';
import { subjectMachine } from '@assay/machines';
import { subjectModel } from '@assay/models';
import type { z } from 'zod';
import { inputs } from './inputs.ts';
import { machineOf } from './machine.ts';
import { fewestChannels } from './mapping/model-map.ts';
import { type Decoder, describeDecoder } from './model/decoder.ts';
import type { Outputs } from './outputs.ts';

/** Length of sequence that advice assumes. */
const TOKENS = 2048;
/** The paper's machine; larger models take more channels, up to a rack of them. */
const LEAST_CHANNELS = 8;
const MOST_CHANNELS = 512;

export const advise: Advise<z.input<typeof inputs>, Outputs> = {
	applies(subject) {
		if (subject.goal !== 'design-chip')
			return { reason: 'it is about memory that computes, which is still to be built: a question of designing hardware' };
		const model = subjectModel(subject);
		if ('reason' in model) return model;
		const machine = subjectMachine(subject);
		if ('reason' in machine) return machine;
		let decoder: Decoder;
		try {
			decoder = describeDecoder(model.model);
		} catch (error) {
			if (error instanceof InputError) return { reason: error.message };
			throw error;
		}
		const tokens = Math.min(TOKENS, decoder.contextTokens);
		const options = { tokens, concatenate: true };
		const fewest = fewestChannels(decoder, machineOf(inputs.parse({})), options, MOST_CHANNELS);
		if (fewest === null)
			return {
				reason: `${decoder.name} does not fit ${MOST_CHANNELS} channels of 512 MiB, the most that one would put around a chip`,
			};
		return {
			inputs: {
				model: model.input,
				machine: machine.input,
				contextTokens: Math.ceil(tokens / 2),
				sweep: { lastContext: tokens, points: 8 },
				hardware: { channels: Math.max(LEAST_CHANNELS, fewest) },
				timing: { preset: 'aim' },
				exportTrace: 'none',
			},
		};
	},
	assess({ simulation }) {
		if (simulation === null) return { reason: 'the run simulated no model' };
		const bound = simulation.comparison.find(({ basis }) => basis === 'bound from bandwidth');
		if (bound === undefined) return { reason: 'the run compared nothing' };
		const { token, machine, memory } = simulation;
		const costs = {
			quality: 'BF16 throughout; sums are accumulated in float32 and rounded when they leave a bank',
			hardware: `${machine.channels} channels of GDDR6 whose banks multiply (${(memory.bytes / 2 ** 30).toFixed(0)} GiB) and a chip beside them; such memory was announced, and is not on sale`,
			effort: 'a compiler that places the model and drives the banks; one sequence at a time',
		};
		const against = `one sequence on ${bound.against} at its full bandwidth and design power, which no program reaches`;
		const unchecked =
			'no PIM-GPT was built, so nothing of it was measured; banks are as slow as AiM’s were measured to be, powers are those of a script, and a machine that serves many sequences at once reads its weights once for all of them';
		if (!bound.fits)
			return {
				gain: {},
				against,
				enables: `the weights do not fit ${bound.against}; in ${machine.channels} channels they do, at ${token.tokensPerSecond.toPrecision(3)} tokens/s`,
				costs,
				unchecked,
			};
		const gains = { latency: bound.speedup, ...(bound.energyRatio !== null && { energy: bound.energyRatio }) };
		if (Object.values(gains).every((gain) => !(gain > 1)))
			return { reason: `${bound.against} at its bandwidth could be as fast, for no more energy` };
		return { gain: gains, against, costs, unchecked };
	},
};
