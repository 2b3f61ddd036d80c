/** What every page has around it. */
import type { ReactNode } from 'react';
import { Form, Link, NavLink, useLocation, useRouteLoaderData } from 'react-router';
import type { loadSite } from '../server/site.server.ts';

/** What the root knows of the visitor and of the site. */
export function useSite() {
	const site = useRouteLoaderData<typeof loadSite>('root');
	if (site === undefined) throw new TypeError('the root has no data');
	return site;
}

const PLACES = [
	{ to: '/', name: 'Papers' },
	{ to: '/systems', name: 'Systems' },
	{ to: '/advise', name: 'Advise', needsServer: true },
	{ to: '/runs', name: 'Runs', needsServer: true },
	{ to: '/claims', name: 'Claims' },
	{ to: '/machines', name: 'Machines' },
	{ to: '/models', name: 'Models' },
	{ to: '/formats', name: 'Formats' },
];

export function Frame({ children }: { readonly children: ReactNode }) {
	const { isStatic, visitor, isLocal, unread } = useSite();
	return (
		<>
			<a className="skip" href="#main">
				Skip to the content
			</a>
			<header className="masthead">
				<div className="masthead-inner">
					<Link className="wordmark" to="/">
						Assay
					</Link>
					<nav aria-label="Main">
						<ul>
							{PLACES.filter((place) => !(isStatic && place.needsServer)).map(({ to, name }) => (
								<li key={to}>
									<NavLink to={to} end={to === '/'}>
										{name}
									</NavLink>
								</li>
							))}
						</ul>
					</nav>
					{!isStatic && (
						<>
							<Form className="find" action="/search" role="search" aria-label="Papers">
								<label className="hidden-visually" htmlFor="find">
									Search papers
								</label>
								<input id="find" type="search" name="q" placeholder="Search papers" maxLength={400} />
							</Form>
							<div className="account">
								{visitor === null ? (
									<Link to="/login">Sign in</Link>
								) : (
									<Link to="/settings">{isLocal ? 'Settings' : visitor.handle}</Link>
								)}
								{unread > 0 && (
									<Link to="/mod">
										<span className="chip warn">{unread} to review</span>
									</Link>
								)}
								<ThemeSwitch />
							</div>
						</>
					)}
				</div>
			</header>
			<main id="main" className="frame" tabIndex={-1}>
				{children}
			</main>
			<footer className="colophon">
				<div className="colophon-inner">
					<Link to="/about">How this works</Link>
					{!isStatic && <Link to="/subscribe">By e-mail</Link>}
					{!isStatic && <Link to="/feeds">Feeds</Link>}
					{!isStatic && <Link to="/api">API</Link>}
					<span>Rankings, figures and errors are computed here and explained.</span>
				</div>
			</footer>
		</>
	);
}

const NEXT = { auto: 'dark', dark: 'light', light: 'auto' } as const;
const SYMBOL = { auto: '◐', dark: '●', light: '○' } as const;

function ThemeSwitch() {
	const { theme, csrf } = useSite();
	const { pathname, search } = useLocation();
	const next = NEXT[theme];
	return (
		<Form method="post" action="/preferences" navigate={false} fetcherKey="theme">
			<input type="hidden" name="csrf" value={csrf} />
			<input type="hidden" name="theme" value={next} />
			<input type="hidden" name="back" value={pathname + search} />
			<button className="quiet" type="submit" title={`Colours: ${theme}. Switch to ${next}.`}>
				<span aria-hidden="true">{SYMBOL[theme]}</span>
				<span className="hidden-visually">
					Colours: {theme}. Switch to {next}.
				</span>
			</button>
		</Form>
	);
}
