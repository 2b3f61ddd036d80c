/** Signing in: a link by e-mail, no password. */
import { requestMagicLink } from '@assay/feed';
import { readForm, requestContext, takeFromBudget, textOf } from '@assay/server';
import {
	type ActionFunctionArgs,
	data,
	Form,
	type LoaderFunctionArgs,
	redirect,
	useActionData,
	useLoaderData,
} from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import type { FormProblem } from '../components/run-form.tsx';
import { localPath } from '../server/local-path.server.ts';
import { asFormProblem } from '../server/problem.server.ts';

export const meta = () => pageMeta('Sign in', 'A link by e-mail, no password.');

export function loader({ context, request }: LoaderFunctionArgs) {
	const back = localPath(new URL(request.url).searchParams.get('back') ?? '', '/');
	if (context.get(requestContext).visitor !== null) throw redirect(back);
	return { back };
}

export async function action({ context, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const form = await readForm(request, site);
	const address = textOf(form, 'address');
	try {
		takeFromBudget(site, 'subscription', `address ${address.trim().toLowerCase().slice(0, 320)}`);
		const { database, secrets, post } = site.services;
		const send = async (to: string, token: string): Promise<void> => site.services.send(post.sendMagicLink(to, token, site.now));
		return data({ said: await requestMagicLink(database, secrets, address, send, site.now) });
	} catch (error) {
		return asFormProblem(error);
	}
}

export default function Login() {
	const { back } = useLoaderData<typeof loader>();
	const answer = useActionData<{ readonly said?: string; readonly problem?: FormProblem }>();
	const { csrf } = useSite();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>Sign in</h1>
				<p className="lede">You get a link by e-mail. An account is made with the first one.</p>
			</header>
			<div role="status">
				{answer?.said !== undefined && <p className="message">{answer.said}</p>}
				{answer?.problem !== undefined && <p className="message bad">{answer.problem.message}</p>}
			</div>
			<Form method="post">
				<input type="hidden" name="csrf" value={csrf} />
				<input type="hidden" name="back" value={back} />
				<div className="field wide">
					<label htmlFor="address">E-mail address</label>
					<input id="address" name="address" type="email" required maxLength={254} autoComplete="email" />
				</div>
				<button type="submit" className="primary">
					Send me a link
				</button>
			</Form>
		</div>
	);
}
