/** Two or more runs side by side, differences marked. */
import { formatNumber } from '@assay/report/format';
import { compareRuns } from '@assay/runs';
import { requestContext } from '@assay/server';
import { Link, type LoaderFunctionArgs, useLoaderData, useSearchParams } from 'react-router';
import { pageMeta } from '../components/meta.ts';
import { Scroller } from '../components/scroller.tsx';
import { runLine } from '../server/run-views.server.ts';

/** More columns than this cannot be read side by side. */
const MOST = 6;

export const meta = () => pageMeta('Compare runs', 'Runs side by side, differences marked.');

export async function loader({ context, request }: LoaderFunctionArgs) {
	const { store } = context.get(requestContext).services;
	const query = new URL(request.url).searchParams;
	const ids = [...new Set(query.getAll('run'))].slice(0, MOST);
	const runs = await Promise.all(ids.map((id) => store.get(id)));
	const isWhole = query.get('all') === '1';
	const { inputs, outputs } = compareRuns(runs);
	const shown = (figures: typeof inputs) => (isWhole ? figures : figures.filter((figure) => figure.differs));
	return { runs: runs.map(runLine), inputs: shown(inputs), outputs: shown(outputs), isWhole };
}

export default function Compare() {
	const { runs, inputs, outputs, isWhole } = useLoaderData<typeof loader>();
	const [search] = useSearchParams();
	const other = new URLSearchParams(search);
	if (isWhole) other.delete('all');
	else other.set('all', '1');
	return (
		<>
			<header className="page-head">
				<h1>Compare runs</h1>
				<p className="lede">
					{runs.length < 2
						? 'Choose two or more runs in the list to see them side by side.'
						: 'Inputs first, then what came out. The last column is the last run over the first.'}
				</p>
			</header>
			<p>
				<Link to="/runs">All runs</Link>
				{runs.length >= 2 && (
					<>
						{' · '}
						<Link to={`/runs/compare?${other}`}>{isWhole ? 'Only what differs' : 'Also what is equal'}</Link>
					</>
				)}
			</p>
			{runs.length >= 2 && (
				<Scroller label="Comparison">
					<table>
						<thead>
							<tr>
								<th scope="col">Figure</th>
								{runs.map((run) => (
									<th scope="col" className="number" key={run.id}>
										<Link to={`/runs/${run.id}`}>
											<code>{run.id}</code>
										</Link>
										<br />
										{run.system}, seed {run.seed}
									</th>
								))}
								<th scope="col" className="number">
									Ratio
								</th>
							</tr>
						</thead>
						<Figures title="Inputs" figures={inputs} runs={runs.map((run) => run.id)} />
						<Figures title="Outputs" figures={outputs} runs={runs.map((run) => run.id)} />
					</table>
				</Scroller>
			)}
		</>
	);
}

function Figures({
	title,
	figures,
	runs,
}: {
	readonly title: string;
	readonly runs: readonly string[];
	readonly figures: readonly {
		readonly path: string;
		readonly values: readonly (string | number | boolean | null)[];
		readonly differs: boolean;
		readonly ratio: number | null;
	}[];
}) {
	return (
		<tbody>
			<tr>
				<th scope="rowgroup" colSpan={runs.length + 2}>
					{title}
				</th>
			</tr>
			{figures.length === 0 && (
				<tr>
					<td colSpan={runs.length + 2} className="soft">
						No difference.
					</td>
				</tr>
			)}
			{figures.map((figure) => (
				<tr key={figure.path}>
					<td>
						{figure.path}
						{figure.differs && <span className="hidden-visually"> (differs)</span>}
					</td>
					{figure.values.map((value, place) => (
						<td className={`number${figure.differs ? ' differs' : ''}`} key={runs[place]}>
							{typeof value === 'number' ? formatNumber(value, 5) : value === null ? '–' : String(value)}
						</td>
					))}
					<td className="number">{figure.ratio === null || !figure.differs ? '' : `× ${formatNumber(figure.ratio, 3)}`}</td>
				</tr>
			))}
		</tbody>
	);
}
