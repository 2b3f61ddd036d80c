/** What the REST API can do, read off its own description. */
import { openApiDocument, requestContext } from '@assay/server';
import { type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { pageMeta } from '../components/meta.ts';
import { Scroller } from '../components/scroller.tsx';

export const meta = () => pageMeta('API', 'Papers, systems, runs, sweeps and claims over HTTP.');

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

export function loader({ context }: LoaderFunctionArgs) {
	const { origin } = context.get(requestContext);
	const operations = Object.entries(openApiDocument(origin).paths ?? {}).flatMap(([path, item]) =>
		METHODS.flatMap((method) => {
			const operation = item?.[method];
			return operation === undefined
				? []
				: [{ path, method, summary: operation.summary ?? '', tag: operation.tags?.[0] ?? 'Other' }];
		}),
	);
	const tags = [...new Set(operations.map((operation) => operation.tag))];
	return { origin, groups: tags.map((tag) => ({ tag, operations: operations.filter((operation) => operation.tag === tag) })) };
}

export default function Api() {
	const { origin, groups } = useLoaderData<typeof loader>();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>API</h1>
				<p className="lede">
					Everything on these pages over HTTP, as JSON. Errors are problem documents (RFC 9457) that say where, what was found and
					what was expected.
				</p>
			</header>
			<p>
				The whole description is an <a href="/api/v1/openapi.json">OpenAPI 3.1 document</a>. Requests that change something need a
				token from your settings:
			</p>
			<pre>{`curl ${origin}/api/v1/papers?limit=3
curl -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" \\
  -d '{"system":"daq-model","inputs":{"l1tRatio":100}}' ${origin}/api/v1/runs`}</pre>
			{groups.map(({ tag, operations }) => (
				<section className="section" key={tag}>
					<h2>{tag}</h2>
					<Scroller label={tag}>
						<table>
							<tbody>
								{operations.map((operation) => (
									<tr key={`${operation.method} ${operation.path}`}>
										<td>
											<code>
												{operation.method.toUpperCase()} {operation.path}
											</code>
										</td>
										<td>{operation.summary}</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroller>
				</section>
			))}
		</div>
	);
}
