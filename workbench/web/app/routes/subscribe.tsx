/** Asks for a digest by e-mail. The answer is always the same, so that nobody learns who is subscribed. */
import { CONSENT_TEXT, listTags, subscribe } from '@assay/feed';
import { readForm, requestContext, takeFromBudget, textOf } from '@assay/server';
import { type ActionFunctionArgs, data, Form, type LoaderFunctionArgs, useActionData, useLoaderData } from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import type { FormProblem } from '../components/run-form.tsx';
import { asFormProblem } from '../server/problem.server.ts';

export const meta = () => pageMeta('By e-mail', 'A digest of papers, daily or weekly.');

export async function loader({ context }: LoaderFunctionArgs) {
	const { services } = context.get(requestContext);
	return {
		tags: (await listTags(services.database, 40)).map(({ slug, name }) => ({ slug, name })),
		consent: CONSENT_TEXT.text,
		outbox: services.post.transport.name,
	};
}

export async function action({ context, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const form = await readForm(request, site);
	const address = textOf(form, 'address');
	try {
		takeFromBudget(site, 'subscription', `address ${address.trim().toLowerCase().slice(0, 320)}`);
		const { database, secrets, post } = site.services;
		const topics = form.getAll('topic').filter((topic) => typeof topic === 'string');
		const cadence = textOf(form, 'cadence') === 'weekly' ? 'weekly' : 'daily';
		const send = async (to: string, token: string, wish: Parameters<typeof post.sendConfirmation>[2]): Promise<void> =>
			site.services.send(post.sendConfirmation(to, token, wish, site.now));
		return data({ said: await subscribe(database, secrets, { address, topics, cadence }, site.network, send, site.now) });
	} catch (error) {
		return asFormProblem(error);
	}
}

export default function Subscribe() {
	const { tags, consent, outbox } = useLoaderData<typeof loader>();
	const answer = useActionData<{ readonly said?: string; readonly problem?: FormProblem }>();
	const { csrf, isLocal } = useSite();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Papers by e-mail</h1>
				<p className="lede">
					The ten best of the day or the week, within your topics, none twice. Nothing is sent on days without new papers.
				</p>
			</header>
			<div role="status">
				{answer?.said !== undefined && <p className="message">{answer.said}</p>}
				{answer?.problem !== undefined && <p className="message bad">{answer.problem.message}</p>}
			</div>
			<Form method="post">
				<input type="hidden" name="csrf" value={csrf} />
				<div className="field wide">
					<label htmlFor="address">E-mail address</label>
					<input id="address" name="address" type="email" required maxLength={254} autoComplete="email" />
				</div>
				<fieldset className="field">
					<legend className="label">How often</legend>
					<label className="choice">
						<input type="radio" name="cadence" value="daily" defaultChecked /> every day
					</label>
					<label className="choice">
						<input type="radio" name="cadence" value="weekly" /> once a week
					</label>
				</fieldset>
				<fieldset className="field">
					<legend className="label">Topics; none means all</legend>
					<div className="choices">
						{tags.map((tag) => (
							<label className="choice" key={tag.slug}>
								<input type="checkbox" name="topic" value={tag.slug} /> {tag.name}
							</label>
						))}
					</div>
				</fieldset>
				<p className="note">{consent}</p>
				<button type="submit" className="primary">
					Subscribe
				</button>
				{isLocal && outbox === 'outbox' && (
					<p className="note">
						No mail server is set (ASSAY_SMTP_URL), so mails are written into the folder “outbox” among Assay’s data.
					</p>
				)}
			</Form>
		</div>
	);
}
