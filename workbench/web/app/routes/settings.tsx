/** Everything a visitor can set, take away, or have forgotten. */
import {
	changeHandle,
	createApiToken,
	eraseUser,
	isModerator,
	listApiTokens,
	revokeAllSessions,
	revokeApiToken,
	revokeSession,
} from '@assay/feed';
import { expiredSessionCookieHeader, HttpError, readForm, requestContext, textOf } from '@assay/server';
import {
	type ActionFunctionArgs,
	data,
	Form,
	Link,
	type LoaderFunctionArgs,
	redirect,
	useActionData,
	useLoaderData,
} from 'react-router';
import { Moment } from '../components/day.tsx';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import type { FormProblem } from '../components/run-form.tsx';
import { Scroller } from '../components/scroller.tsx';
import { requireVisitor } from '../server/access.server.ts';
import { asFormProblem } from '../server/problem.server.ts';

export const meta = () => pageMeta('Settings', 'Your account on this server.');

export async function loader({ context, request }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	return {
		handle: visitor.handle,
		isModerator: isModerator(visitor),
		tokens: await listApiTokens(site.services.database, visitor.id),
	};
}

export async function action({ context, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const form = await readForm(request, site);
	const { database } = site.services;
	const signedOut = { headers: { 'set-cookie': expiredSessionCookieHeader(site.origin) } };
	try {
		switch (textOf(form, 'do')) {
			case 'handle':
				await changeHandle(database, visitor, textOf(form, 'handle'));
				return data({ said: 'Your name has changed.' });
			case 'token':
				return data({ token: await createApiToken(database, visitor.id, textOf(form, 'name'), site.now) });
			case 'revoke':
				await revokeApiToken(database, visitor.id, textOf(form, 'id'));
				return data({ said: 'The token no longer works.' });
			case 'sign-out':
				if (site.session !== null) await revokeSession(database, site.session);
				return redirect('/', signedOut);
			case 'sign-out-everywhere':
				await revokeAllSessions(database, visitor.id);
				return redirect('/', signedOut);
			case 'erase':
				if (site.services.settings.isLocal) throw new HttpError(403, 'The user of this machine cannot be erased.');
				if (textOf(form, 'sure') !== visitor.handle) throw new HttpError(400, 'Type your name to confirm.');
				await eraseUser(database, visitor.id, site.now);
				return redirect('/', signedOut);
			default:
				throw new HttpError(400, 'Unknown action.');
		}
	} catch (error) {
		return asFormProblem(error);
	}
}

export default function Settings() {
	const { handle, isModerator, tokens } = useLoaderData<typeof loader>();
	const answer = useActionData<{ readonly said?: string; readonly token?: string; readonly problem?: FormProblem }>();
	const { csrf, isLocal, areKeysOn } = useSite();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Settings</h1>
				<p className="byline">
					You are <Link to={`/u/${handle}`}>{handle}</Link>
					{isLocal && ', the one user of this machine; nobody has to sign in'}. {isModerator && <Link to="/mod">Moderation</Link>}
				</p>
			</header>
			<div role="status">
				{answer?.said !== undefined && <p className="message">{answer.said}</p>}
				{answer?.problem !== undefined && <p className="message bad">{answer.problem.message}</p>}
				{answer?.token !== undefined && (
					<p className="message">
						Your new token, shown only now: <code>{answer.token}</code>
					</p>
				)}
			</div>
			<section className="section">
				<h2>Keyboard</h2>
				<p>
					In lists of papers <kbd>j</kbd> and <kbd>k</kbd> move, <kbd>u</kbd> votes and <kbd>o</kbd> opens.
				</p>
				<Form method="post" action="/preferences">
					<input type="hidden" name="csrf" value={csrf} />
					<input type="hidden" name="back" value="/settings" />
					<button type="submit" name="keys" value={areKeysOn ? 'off' : 'on'}>
						Switch the shortcuts {areKeysOn ? 'off' : 'on'}
					</button>
				</Form>
			</section>
			{!isLocal && (
				<section className="section">
					<h2>Name</h2>
					<Form method="post" className="row">
						<input type="hidden" name="csrf" value={csrf} />
						<label htmlFor="handle">Shown beside your comments</label>
						<input id="handle" name="handle" defaultValue={handle} maxLength={30} />
						<button type="submit" name="do" value="handle">
							Change
						</button>
					</Form>
				</section>
			)}
			<section className="section">
				<h2>API tokens</h2>
				{tokens.length > 0 && (
					<Scroller label="Tokens">
						<table>
							<thead>
								<tr>
									<th scope="col">Name</th>
									<th scope="col">Made</th>
									<th scope="col">Last used</th>
									<th scope="col">
										<span className="hidden-visually">Revoke</span>
									</th>
								</tr>
							</thead>
							<tbody>
								{tokens.map((token) => (
									<tr key={token.id}>
										<td>{token.name}</td>
										<td>
											<Moment at={token.createdAt} />
										</td>
										<td>{token.lastUsedAt === null ? 'never' : <Moment at={token.lastUsedAt} />}</td>
										<td>
											<Form method="post">
												<input type="hidden" name="csrf" value={csrf} />
												<input type="hidden" name="id" value={token.id} />
												<button type="submit" name="do" value="revoke" className="quiet danger">
													Revoke
												</button>
											</Form>
										</td>
									</tr>
								))}
							</tbody>
						</table>
					</Scroller>
				)}
				<Form method="post" className="row">
					<input type="hidden" name="csrf" value={csrf} />
					<label htmlFor="name">For</label>
					<input id="name" name="name" required maxLength={60} placeholder="nightly script" />
					<button type="submit" name="do" value="token">
						Make a token
					</button>
					<Link to="/api">What the API can do</Link>
				</Form>
			</section>
			<section className="section">
				<h2>Your data</h2>
				<p>
					<a href="/api/v1/me/export">Everything kept about you, as JSON</a>
				</p>
				{!isLocal && (
					<>
						<Form method="post" className="row">
							<input type="hidden" name="csrf" value={csrf} />
							<button type="submit" name="do" value="sign-out">
								Sign out
							</button>
							<button type="submit" name="do" value="sign-out-everywhere">
								Sign out everywhere
							</button>
						</Form>
						<details>
							<summary>Erase my account</summary>
							<Form method="post" className="row">
								<input type="hidden" name="csrf" value={csrf} />
								<label htmlFor="sure">Type {handle} to confirm</label>
								<input id="sure" name="sure" autoComplete="off" />
								<button type="submit" name="do" value="erase" className="danger">
									Erase
								</button>
							</Form>
						</details>
					</>
				)}
			</section>
		</div>
	);
}
