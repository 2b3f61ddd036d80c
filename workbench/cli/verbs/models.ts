import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
	findModel,
	kvBytesPerToken,
	listModels,
	modelTable,
	parameterCount,
	parameterTable,
	resolveModel,
	servingTable,
	type TransformerModel,
	weightBytes,
} from '@assay/models';
import { formatBytes, formatNumber } from '@assay/report/format';
import { textTable } from '@assay/report/text';
import { readStructuredFile, workingFolder } from '../read-inputs.ts';
import { print, printJson, terminalStyle } from '../terminal.ts';

/** `assay models list` */
export async function listModelsVerb(options: { readonly json?: true }): Promise<void> {
	const rows = listModels().map((entry) => {
		const model = findModel(entry.name);
		const count = parameterCount(model);
		return {
			name: entry.name,
			family: model.family,
			parameters: count.total,
			active: count.activePerToken,
			published: entry.publishedParameters?.count ?? null,
			layers: model.layers,
			hidden: model.hidden,
			context: model.contextTokens,
			keyValueBytesPerToken: model.causal ? kvBytesPerToken(model) : null,
			source: entry.source,
		};
	});
	if (options.json === true) return printJson({ models: rows });
	const table = modelTable();
	print(textTable(table.columns, table.rows, terminalStyle()));
}

/** `assay models show <model>`: a zoo name, or a file with a Hugging Face config or a model description. */
export async function showModel(name: string, options: { readonly json?: true }): Promise<void> {
	const path = resolve(workingFolder(), name);
	const isFile = (await stat(path).catch(() => undefined))?.isFile() === true;
	const model = resolveModel(isFile ? await readStructuredFile(path) : name);
	const parameters = parameterCount(model);
	const figures = { parameters, weightBytes: weightBytes(model), ...(model.causal && servingFigures(model)) };
	if (options.json === true) return printJson({ model: { ...model, figures } });
	const style = terminalStyle();
	print(
		`${style.bold(model.name)} (${model.family}), ${model.layers} layers of ${model.hidden}, vocabulary ${formatNumber(model.vocabulary)}, context ${formatNumber(model.contextTokens)} tokens, ${model.parametersDtype}`,
	);
	print(`source: ${model.source}`);
	const parts = parameterTable(model);
	print(`\n${textTable(parts.columns, parts.rows, style)}\n\nweights: ${formatBytes(weightBytes(model))}`);
	if (!model.causal) return;
	print(`key-value cache: ${formatNumber(kvBytesPerToken(model))} B/token`);
	const serving = servingTable(model);
	print(`\n${textTable(serving.columns, serving.rows, style)}`);
}

function servingFigures(model: TransformerModel) {
	return { keyValueBytesPerToken: kvBytesPerToken(model), byContext: servingTable(model).rows };
}
