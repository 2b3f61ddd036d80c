/** The zoo of models. */
import type { Row } from '@assay/contract';
import { findModel, kvBytesPerToken, listModels, parameterCount } from '@assay/models';
import { Link, useLoaderData } from 'react-router';
import { DataTable } from '../components/data-table.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = () => pageMeta('Models', 'Models with their parameters, layers and key-value caches.');

export function loader() {
	const models = listModels().map((entry): Row => {
		const model = findModel(entry.name);
		const count = parameterCount(model);
		return {
			name: entry.name,
			family: model.family,
			parameters: count.total / 1e9,
			active: count.activePerToken / 1e9,
			layers: model.layers,
			hidden: model.hidden,
			context: model.contextTokens,
			keyValueBytesPerToken: model.causal ? kvBytesPerToken(model) : null,
		};
	});
	return { models };
}

const COLUMNS = [
	{ key: 'name', label: 'Model' },
	{ key: 'family', label: 'Family' },
	{ key: 'parameters', label: 'Parameters', unit: 'billion' },
	{ key: 'active', label: 'Active', unit: 'billion' },
	{ key: 'layers', label: 'Layers' },
	{ key: 'hidden', label: 'Hidden' },
	{ key: 'context', label: 'Context', unit: 'tokens' },
	{ key: 'keyValueBytesPerToken', label: 'KV cache', unit: 'B/token' },
];

export default function Models() {
	const { models } = useLoaderData<typeof loader>();
	return (
		<>
			<header className="page-head">
				<h1>Models</h1>
				<p className="lede">
					{models.length} models, counted from their configurations. Parameters are computed, not copied; the published count is
					on each model’s page.
				</p>
			</header>
			<DataTable
				columns={COLUMNS}
				rows={models}
				label="Models"
				cell={(row, column) => (column.key === 'name' ? <Link to={`/models/${row['name']}`}>{row['name']}</Link> : undefined)}
			/>
		</>
	);
}
