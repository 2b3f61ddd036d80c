/** The zoo of models. */
import { modelTable } from '@assay/models';
import { Link, useLoaderData } from 'react-router';
import { DataTable } from '../components/data-table.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = () => pageMeta('Models', 'Models with their parameters, layers and key-value caches.');

export function loader() {
	const { columns, rows } = modelTable();
	// Where a figure is from stands on the model's own page.
	return { columns: columns.filter((column) => column.key !== 'source'), models: rows };
}

export default function Models() {
	const { columns, models } = useLoaderData<typeof loader>();
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
				columns={columns}
				rows={models}
				label="Models"
				cell={(row, column) => (column.key === 'name' ? <Link to={`/models/${row['name']}`}>{row['name']}</Link> : undefined)}
			/>
		</>
	);
}
