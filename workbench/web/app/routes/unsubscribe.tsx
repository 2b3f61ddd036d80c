/**
 * Ends a subscription. Opening the page changes nothing. A mail program's one-click request (RFC 8058) brings no cookie and
 * no token of a form, and is answered at once.
 */
import { lookUpUnsubscribe, unsubscribe } from '@assay/feed';
import { readForm, requestContext } from '@assay/server';
import { type ActionFunctionArgs, data, Form, type LoaderFunctionArgs, useActionData, useLoaderData } from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = () => [...pageMeta('Unsubscribe', 'Ends a subscription.'), { name: 'robots', content: 'noindex' }];

export async function loader({ context, params }: LoaderFunctionArgs) {
	const { services } = context.get(requestContext);
	return { state: await lookUpUnsubscribe(services.database, params['token'] ?? '') };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	await readForm(request, site);
	return data({ outcome: await unsubscribe(site.services.database, params['token'] ?? '', site.now) });
}

export default function Unsubscribe() {
	const { state } = useLoaderData<typeof loader>();
	const outcome = useActionData<typeof action>()?.outcome;
	const { csrf } = useSite();
	const isOver = outcome === 'unsubscribed' || outcome === 'already' || state === 'unsubscribed';
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Unsubscribe</h1>
			</header>
			<div role="status">
				{isOver && <p className="message">You are not subscribed. Nothing more will be sent.</p>}
				{!isOver && state === null && <p className="message bad">Nobody is subscribed under this link.</p>}
			</div>
			{!isOver && state !== null && (
				<Form method="post">
					<input type="hidden" name="csrf" value={csrf} />
					<p>No more digests?</p>
					<button type="submit" className="primary">
						Unsubscribe
					</button>
				</Form>
			)}
		</div>
	);
}
