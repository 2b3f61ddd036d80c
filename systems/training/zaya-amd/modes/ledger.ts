/** The ledger: parameters, operations and memory of a model. */
import { parameterCount } from '@assay/models';
import { zayaLedger, zayaTrainingOperations } from '../architecture/ledger.ts';
import type { Inputs } from '../inputs.ts';
import type { LedgerOutput } from '../outputs.ts';
import { checkpointBytesPerParameter } from '../plan/save-time.ts';
import type { PreparedModel } from '../prepare.ts';

export function runLedger(
	inputs: Inputs,
	{ sized, zaya, transformer }: PreparedModel,
): { ledger: LedgerOutput; recommendation: string } {
	const { sequenceTokens } = inputs.training;
	const flopsPerToken = sized.trainingFlopsPerToken(sequenceTokens);
	const attention = (3 * sized.attentionFlopsPerPair * sequenceTokens) / 2;
	const head = sized.products.find(({ name }) => name === 'output layer');
	const output = head === undefined ? 0 : 6 * head.inputs * head.outputs;
	let entries: LedgerOutput['entries'] = [];
	let operations = [
		{ part: 'layers', flopsPerToken: flopsPerToken - attention - output },
		{ part: 'output layer', flopsPerToken: output },
		{ part: 'attention over the context', flopsPerToken: attention },
	];
	if (zaya !== undefined) {
		entries = zayaLedger(zaya).entries.map(({ part, parameters, copies }) => ({
			part,
			parameters,
			copies,
			total: parameters * copies,
		}));
		const parts = zayaTrainingOperations(zaya, sequenceTokens);
		operations = [
			{ part: 'layers, six per active parameter', flopsPerToken: parts.body },
			{ part: 'output layer', flopsPerToken: parts.outputLayer },
			{ part: 'attention over the context', flopsPerToken: parts.attention },
		];
	} else if (transformer !== undefined) {
		const { total: _, activePerToken: __, ...parts } = parameterCount(transformer);
		entries = Object.entries(parts)
			.filter(([, parameters]) => parameters > 0)
			.map(([part, parameters]) => ({ part, parameters, copies: 1, total: parameters }));
	}
	const { total, embedding, activePerToken } = sized.parameters;
	const share = output / flopsPerToken;
	return {
		ledger: {
			entries,
			total,
			withoutEmbedding: total - embedding,
			activeWithoutEmbedding: activePerToken - embedding,
			operations,
			flopsPerToken,
			cacheBytesPerToken: sized.cacheBytesPerToken,
			weightBytes: 2 * total,
			checkpointBytes: checkpointBytesPerParameter * total,
		},
		recommendation: `${sized.name}: ${total.toLocaleString('en')} parameters, ${(total - embedding).toLocaleString('en')} without the embedding, of which a token meets ${(activePerToken - embedding).toLocaleString('en')}; ${(flopsPerToken / 1e9).toFixed(2)} GFLOP per token at ${sequenceTokens} tokens, ${(100 * share).toFixed(0)} % of them in the output layer.`,
	};
}
