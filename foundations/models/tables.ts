/** Models as tables, the same on a terminal and on a page. */
import type { TablePanel } from '@assay/contract';
import { kvBytesPerToken } from './kv-cache.ts';
import { decodeFlops, prefillFlops } from './operations.ts';
import { parameterCount } from './parameters.ts';
import { decodeBytes } from './traffic.ts';
import type { TransformerModel } from './transformer.ts';
import { findModel, listModels } from './zoo.ts';

/** Every model of the zoo: parameters, shape, key-value cache. */
export function modelTable(): TablePanel {
	return {
		kind: 'table',
		title: 'Models',
		columns: [
			{ key: 'name', label: 'Model' },
			{ key: 'parameters', label: 'Parameters', unit: 'billion' },
			{ key: 'active', label: 'Active', unit: 'billion' },
			{ key: 'layers', label: 'Layers' },
			{ key: 'hidden', label: 'Hidden' },
			{ key: 'context', label: 'Context', unit: 'tokens' },
			{ key: 'keyValueBytesPerToken', label: 'KV', unit: 'B/token' },
			{ key: 'source', label: 'Source' },
		],
		rows: listModels().map(({ name, source }) => {
			const model = findModel(name);
			const count = parameterCount(model);
			return {
				name,
				parameters: count.total / 1e9,
				active: count.activePerToken / 1e9,
				layers: model.layers,
				hidden: model.hidden,
				context: model.contextTokens,
				keyValueBytesPerToken: model.causal ? kvBytesPerToken(model) : null,
				source,
			};
		}),
	};
}

/** Parameters by part; those active for one token are a share of all and no part. */
export function parameterTable(model: TransformerModel): TablePanel {
	const parameters = parameterCount(model);
	return {
		kind: 'table',
		title: 'Parameters',
		columns: [
			{ key: 'part', label: 'Parameters' },
			{ key: 'count', label: 'Count' },
			{ key: 'share', label: 'Share', unit: '%', digits: 3 },
		],
		rows: Object.entries(parameters).map(([part, count]) => ({
			part,
			count: count.toLocaleString('en-US'),
			share: part === 'activePerToken' ? null : (100 * count) / parameters.total,
		})),
	};
}

/** Context lengths, in tokens, that serving figures are given for. */
const CONTEXTS = [128, 1024, 4096, 32_768];

/** What prefill and decode take, by length of the context; no rows for a model that does not generate. */
export function servingTable(model: TransformerModel): TablePanel {
	const contexts = model.causal ? CONTEXTS.filter((tokens) => tokens <= model.contextTokens) : [];
	return {
		kind: 'table',
		title: 'Serving',
		columns: [
			{ key: 'contextTokens', label: 'Context', unit: 'tokens' },
			{ key: 'prefillFlops', label: 'Prefill of it', unit: 'FLOP' },
			{ key: 'decodeFlops', label: 'Decode of one token', unit: 'FLOP' },
			{ key: 'decodeBytes', label: 'Bytes read for it', unit: 'B' },
		],
		rows: contexts.map((contextTokens) => ({
			contextTokens,
			prefillFlops: prefillFlops(model, contextTokens),
			decodeFlops: decodeFlops(model, contextTokens),
			decodeBytes: decodeBytes(model, contextTokens).totalBytes,
		})),
	};
}
