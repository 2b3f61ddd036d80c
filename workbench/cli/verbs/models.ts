import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
	decodeBytes,
	decodeFlops,
	findModel,
	kvBytesPerToken,
	listModels,
	parameterCount,
	prefillFlops,
	resolveModel,
	type TransformerModel,
	weightBytes,
} from '@assay/models';
import { formatBytes, formatNumber, textTable } from '@assay/report';
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
	const columns = [
		{ key: 'name', label: 'Model' },
		{ key: 'parameters', label: 'Parameters', unit: 'billion' },
		{ key: 'active', label: 'Active', unit: 'billion' },
		{ key: 'layers', label: 'Layers' },
		{ key: 'hidden', label: 'Hidden' },
		{ key: 'context', label: 'Context', unit: 'tokens' },
		{ key: 'keyValueBytesPerToken', label: 'KV', unit: 'B/token' },
		{ key: 'source', label: 'Source' },
	];
	print(
		textTable(
			columns,
			rows.map((row) => ({ ...row, parameters: row.parameters / 1e9, active: row.active / 1e9 })),
			terminalStyle(),
		),
	);
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
	const rows = Object.entries(parameters).map(([part, count]) => ({
		part,
		count,
		share: part === 'activePerToken' ? null : (100 * count) / parameters.total,
	}));
	const columns = [
		{ key: 'part', label: 'Parameters' },
		{ key: 'count', label: 'Count', digits: 12 },
		{ key: 'share', label: 'Share', unit: '%', digits: 3 },
	];
	const listed = rows.map((row) => ({ ...row, count: row.count.toLocaleString('en-US') }));
	print(`\n${textTable(columns, listed, style)}\n\nweights: ${formatBytes(weightBytes(model))}`);
	if (!model.causal) return;
	const serving = servingFigures(model);
	print(`key-value cache: ${formatNumber(serving.keyValueBytesPerToken)} B/token`);
	const contextColumns = [
		{ key: 'contextTokens', label: 'Context', unit: 'tokens' },
		{ key: 'prefillFlops', label: 'Prefill of it', unit: 'FLOP' },
		{ key: 'decodeFlops', label: 'Decode of one token', unit: 'FLOP' },
		{ key: 'decodeBytes', label: 'Bytes read for it', unit: 'B' },
	];
	print(`\n${textTable(contextColumns, serving.byContext, style)}`);
}

function servingFigures(model: TransformerModel) {
	const contexts = [128, 1024, 4096, 32768].filter((tokens) => tokens <= model.contextTokens);
	return {
		keyValueBytesPerToken: kvBytesPerToken(model),
		byContext: contexts.map((contextTokens) => ({
			contextTokens,
			prefillFlops: prefillFlops(model, contextTokens),
			decodeFlops: decodeFlops(model, contextTokens),
			decodeBytes: decodeBytes(model, contextTokens).totalBytes,
		})),
	};
}
