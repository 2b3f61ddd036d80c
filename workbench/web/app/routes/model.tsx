/** One model: parameters by part, and what serving it takes. */
import type { Row } from '@assay/contract';
import {
	decodeBytes,
	decodeFlops,
	findModel,
	kvBytesPerToken,
	listModels,
	parameterCount,
	prefillFlops,
	weightBytes,
} from '@assay/models';
import { formatBytes, formatNumber } from '@assay/report/format';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { DataTable } from '../components/data-table.tsx';
import { pageMeta } from '../components/meta.ts';

const CONTEXTS = [128, 1024, 4096, 32_768];

export const meta = ({ loaderData }: { loaderData?: { name: string } }) =>
	pageMeta(loaderData?.name ?? 'Model', 'Parameters, bytes and operations of a model.');

export function loader({ params }: LoaderFunctionArgs) {
	const model = findModel(params['name'] ?? '');
	const parameters = parameterCount(model);
	const published = listModels().find((entry) => entry.name === model.name)?.publishedParameters;
	const facts: [string, string][] = [
		[
			'Shape',
			`${model.layers} layers of ${model.hidden}, vocabulary ${formatNumber(model.vocabulary)}, context ${formatNumber(model.contextTokens)} tokens`,
		],
		[
			'Parameters',
			`${formatNumber(parameters.total, 5)}${published === undefined ? '' : `, published as ${formatNumber(published.count, 5)}`}`,
		],
		['Weights', `${formatBytes(weightBytes(model))} as ${model.parametersDtype}`],
		...(model.causal ? [['Key-value cache', `${formatNumber(kvBytesPerToken(model))} B/token`] satisfies [string, string]] : []),
		['Source', model.source],
	];
	const parts = Object.entries(parameters).map(
		([part, count]): Row => ({
			part,
			count: count.toLocaleString('en-US'),
			share: part === 'activePerToken' ? null : (100 * count) / parameters.total,
		}),
	);
	const byContext = !model.causal
		? []
		: CONTEXTS.filter((tokens) => tokens <= model.contextTokens).map(
				(tokens): Row => ({
					tokens,
					prefill: prefillFlops(model, tokens),
					decode: decodeFlops(model, tokens),
					bytes: decodeBytes(model, tokens).totalBytes,
				}),
			);
	return { name: model.name, family: model.family, facts, parts, byContext };
}

export default function Model() {
	const { name, family, facts, parts, byContext } = useLoaderData<typeof loader>();
	return (
		<>
			<header className="page-head">
				<p className="eyebrow">{family}</p>
				<h1>{name}</h1>
			</header>
			<dl className="facts">
				{facts.map(([term, text]) => (
					<div key={term} className="fact">
						<dt>{term}</dt>
						<dd>{text}</dd>
					</div>
				))}
			</dl>
			<section className="section">
				<h2>Parameters by part</h2>
				<DataTable
					label="Parameters by part"
					columns={[
						{ key: 'part', label: 'Part' },
						{ key: 'count', label: 'Count' },
						{ key: 'share', label: 'Share', unit: '%', digits: 3 },
					]}
					rows={parts}
				/>
			</section>
			{byContext.length > 0 && (
				<section className="section">
					<h2>Serving</h2>
					<DataTable
						caption="Work by length of the context"
						columns={[
							{ key: 'tokens', label: 'Context', unit: 'tokens' },
							{ key: 'prefill', label: 'Prefill of it', unit: 'FLOP' },
							{ key: 'decode', label: 'Decode of one token', unit: 'FLOP' },
							{ key: 'bytes', label: 'Bytes read for it', unit: 'B' },
						]}
						rows={byContext}
					/>
				</section>
			)}
		</>
	);
}
