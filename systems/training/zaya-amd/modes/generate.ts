/** Continues a sequence of tokens with a small ZAYA model. */
import { InputError, type RunContext } from '@assay/contract';
import { generate } from '../architecture/generate.ts';
import { loadBalance } from '../architecture/ledger.ts';
import { readZayaConfig } from '../architecture/zaya-config.ts';
import { configOfTensors, readFloatTensors, zayaWeights } from '../architecture/zaya-weights.ts';
import type { Inputs } from '../inputs.ts';
import type { GenerationOutput, Outputs } from '../outputs.ts';
import { parseJson } from '../prepare.ts';

export async function runGenerate(
	inputs: Inputs,
	context: RunContext,
): Promise<{ generation: GenerationOutput; recommendation: string; model: NonNullable<Outputs['model']> }> {
	const { weights: reference, config: configReference, prompt, newTokens, temperature, topK } = inputs.generate;
	if (reference === undefined)
		throw new InputError({
			path: ['generate', 'weights'],
			found: 'nothing',
			expected: 'a safetensors file of a ZAYA model, or zaya-tiny-weights',
		});
	const file = await context.open(reference);
	const tensors = await readFloatTensors(file);
	const configFile = configReference === undefined ? undefined : await context.open(configReference);
	const config =
		configFile === undefined
			? configOfTensors(tensors, file.name)
			: readZayaConfig(parseJson(await configFile.text(1 << 20), configFile.name), configFile.name);
	const wrong = prompt.findIndex((id) => id >= config.vocabulary);
	if (wrong >= 0)
		throw new InputError({
			path: ['generate', 'prompt', wrong],
			found: String(prompt[wrong]),
			expected: `a token below ${config.vocabulary}`,
		});
	const weights = zayaWeights(tensors, config, file.name);
	context.progress(0.1, 'weights read');
	const found = await generate(weights, prompt, {
		newTokens,
		temperature,
		topK,
		random: context.random.fork('tokens'),
		pause: context.pause,
		onToken: (done) => context.progress(0.1 + (0.88 * done) / newTokens, `${done} of ${newTokens} tokens`),
	});
	const parameters = [...tensors.values()].reduce((sum, { values }) => sum + values.length, 0);
	const likelihood = found.promptNegativeLogLikelihood;
	return {
		model: { name: file.name, parameters },
		generation: {
			tokens: [...found.tokens],
			meanLogProbability: found.logProbabilities.reduce((sum, one) => sum + one, 0) / found.logProbabilities.length,
			promptNegativeLogLikelihood: Number.isNaN(likelihood) ? null : likelihood,
			balance: found.load.map((counts, layer) => {
				const skipped = counts.at(-1) ?? 0;
				const total = counts.reduce((sum, count) => sum + count, 0);
				return { layer, balance: loadBalance(counts.slice(0, -1)), skipped: skipped / total };
			}),
			load: found.load.slice(0, 64).flatMap((counts, layer) =>
				counts.slice(0, 65).map((tokens, expert) => ({
					layer: String(layer),
					expert: expert === config.experts ? 'skip' : String(expert),
					tokens,
				})),
			),
		},
		recommendation: `${prompt.join(' ')} goes on with ${found.tokens.join(' ')}.`,
	};
}
