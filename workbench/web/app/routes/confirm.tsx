/** Confirms a subscription. Opening the page changes nothing: programs that scan mails follow links too. */
import { confirm, lookUpConfirmation } from '@assay/feed';
import { readForm, requestContext } from '@assay/server';
import { type ActionFunctionArgs, data, Form, type LoaderFunctionArgs, useActionData, useLoaderData } from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';

export const meta = () => [...pageMeta('Confirm', 'Confirms a subscription.'), { name: 'robots', content: 'noindex' }];

export async function loader({ context, params }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	return { wish: await lookUpConfirmation(site.services.database, params['token'] ?? '', site.now) };
}

export async function action({ context, params, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	await readForm(request, site);
	return data({ outcome: await confirm(site.services.database, params['token'] ?? '', site.now) });
}

export default function Confirm() {
	const { wish } = useLoaderData<typeof loader>();
	const outcome = useActionData<typeof action>()?.outcome;
	const { csrf } = useSite();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Your subscription</h1>
			</header>
			<div role="status">
				{outcome === 'confirmed' && (
					<p className="message">Confirmed. The next digest is on its way when there are new papers.</p>
				)}
				{(outcome === 'unknown' || (outcome === undefined && wish === null)) && (
					<p className="message bad">This link is not valid any more. Links last 48 hours and work once; ask for a new one.</p>
				)}
			</div>
			{outcome === undefined && wish !== null && (
				<Form method="post">
					<input type="hidden" name="csrf" value={csrf} />
					<p>
						A {wish.cadence} digest{wish.topics.length > 0 && ` on ${wish.topics.join(', ')}`}.
					</p>
					<button type="submit" className="primary">
						Yes, send it to me
					</button>
				</Form>
			)}
		</div>
	);
}
