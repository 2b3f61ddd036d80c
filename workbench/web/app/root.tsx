/** The document around every page, and the page that says what went wrong. */
import { requestContext } from '@assay/server';
import type { ReactNode } from 'react';
import {
	isRouteErrorResponse,
	Link,
	Links,
	type LoaderFunctionArgs,
	Meta,
	Outlet,
	Scripts,
	ScrollRestoration,
	useLocation,
	useRouteError,
	useRouteLoaderData,
} from 'react-router';
import { Frame } from './components/frame.tsx';
import { pageMeta } from './components/meta.ts';
import { Shortcuts } from './components/shortcuts.tsx';
import { loadSite } from './server/site.server.ts';
import styles from './styles/site.css?url';

export const links = () => [
	{ rel: 'stylesheet', href: styles },
	{ rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' },
];

export const loader = ({ context }: LoaderFunctionArgs) => loadSite(context.get(requestContext));

/** Pages name themselves; what could not become a page is named here. */
export function meta({ error }: { readonly error?: unknown }) {
	if (error === undefined) return [];
	const { title, detail } = explain(error);
	return pageMeta(title, detail);
}

export function Layout({ children }: { readonly children: ReactNode }) {
	const site = useRouteLoaderData<typeof loader>('root');
	const { pathname } = useLocation();
	return (
		<html lang="en" data-theme={site?.theme ?? 'auto'}>
			<head>
				<meta charSet="utf-8" />
				<meta name="viewport" content="width=device-width, initial-scale=1" />
				<meta name="color-scheme" content="light dark" />
				{site !== undefined && site.origin !== '' && <link rel="canonical" href={site.origin + pathname} />}
				{site?.isStatic === false && (
					<link rel="alternate" type="application/atom+xml" href="/feeds/trending.atom" title="Trending papers" />
				)}
				<Meta />
				<Links />
			</head>
			<body>
				{children}
				<ScrollRestoration />
				<Scripts />
			</body>
		</html>
	);
}

export default function Root() {
	return (
		<Frame>
			<Outlet />
			<Shortcuts />
		</Frame>
	);
}

/** Mistakes of the visitor say what was wrong; faults of ours say that they are ours. */
export function ErrorBoundary() {
	const error = useRouteError();
	const isKnown = useRouteLoaderData<typeof loader>('root') !== undefined;
	const { title, detail } = explain(error);
	const content = (
		<div className="reading">
			<header className="page-head">
				<h1>{title}</h1>
				<p className="lede">{detail}</p>
			</header>
			<p>
				<Link to="/">Today’s papers</Link>
			</p>
		</div>
	);
	return isKnown ? <Frame>{content}</Frame> : <main className="frame">{content}</main>;
}

function explain(error: unknown): { readonly title: string; readonly detail: string } {
	if (isRouteErrorResponse(error)) {
		const problem: unknown = error.data;
		const detail = typeof problem === 'object' && problem !== null && 'detail' in problem ? String(problem.detail) : '';
		const title =
			typeof problem === 'object' && problem !== null && 'title' in problem
				? String(problem.title)
				: error.statusText || `Error ${error.status}`;
		return { title, detail };
	}
	return { title: 'That went wrong', detail: 'The fault is ours. Try again in a moment.' };
}
