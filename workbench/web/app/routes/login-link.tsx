/** The link that signs in. Opening it changes nothing; the button uses it up. */
import { consumeMagicLink, isMagicLinkValid } from '@assay/feed';
import { readForm, requestContext, sessionCookieHeader } from '@assay/server';
import { type ActionFunctionArgs, data, Form, Link, type LoaderFunctionArgs, redirect, useLoaderData } from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = () => [...pageMeta('Sign in', 'Signs in.'), { name: 'robots', content: 'noindex' }];

export async function loader({ context, params }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	return { isValid: await isMagicLinkValid(site.services.database, params['token'] ?? '', site.now) };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	await readForm(request, site);
	const { database, secrets } = site.services;
	const signedIn = await consumeMagicLink(database, secrets, params['token'] ?? '', site.now);
	if (signedIn === null) return data(null, { status: 410 });
	await site.services.welcome(signedIn.user);
	return redirect('/', { headers: { 'set-cookie': sessionCookieHeader(site.origin, signedIn.session) } });
}

export default function LoginLink() {
	const { isValid } = useLoaderData<typeof loader>();
	const { csrf } = useSite();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Sign in</h1>
			</header>
			{isValid ? (
				<Form method="post" reloadDocument>
					<input type="hidden" name="csrf" value={csrf} />
					<button type="submit" className="primary">
						Sign in on this browser
					</button>
				</Form>
			) : (
				<p className="message bad">
					This link is not valid any more. <Link to="/login">Ask for a new one.</Link>
				</p>
			)}
		</div>
	);
}
