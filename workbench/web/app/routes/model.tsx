/** One model: parameters by part, and what serving it takes. */
import { findModel, kvBytesPerToken, listModels, parameterCount, parameterTable, servingTable, weightBytes } from '@assay/models';
import { formatBytes, formatNumber } from '@assay/report/format';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { DataTable } from '../components/data-table.tsx';
import { Facts } from '../components/facts.tsx';
import { pageMeta } from '../components/meta.ts';

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
	return { name: model.name, family: model.family, facts, parts: parameterTable(model), serving: servingTable(model) };
}

export default function Model() {
	const { name, family, facts, parts, serving } = useLoaderData<typeof loader>();
	return (
		<>
			<header className="page-head">
				<p className="eyebrow">{family}</p>
				<h1>{name}</h1>
			</header>
			<Facts facts={facts} />
			<section className="section">
				<h2>Parameters by part</h2>
				<DataTable label="Parameters by part" columns={parts.columns} rows={parts.rows} />
			</section>
			{serving.rows.length > 0 && (
				<section className="section">
					<h2>Serving</h2>
					<DataTable caption="Work by length of the context" columns={serving.columns} rows={serving.rows} />
				</section>
			)}
		</>
	);
}
