/** Votes for a paper. A page with script gets the new count; one without is sent back to where it was. */
import { readForm, requestContext, textOf } from '@assay/server';
import { type ActionFunctionArgs, redirect } from 'react-router';
import { requireVisitor } from '../server/access.server.ts';
import { vote } from '../server/discuss.server.ts';
import { localPath } from '../server/local-path.server.ts';

export async function action({ context, params, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const visitor = requireVisitor(site, request);
	const form = await readForm(request, site);
	const slug = params['slug'] ?? '';
	const state = await vote(site, visitor, slug, textOf(form, 'vote'));
	if (request.headers.get('accept')?.includes('text/html') === true)
		return redirect(localPath(textOf(form, 'back'), `/papers/${slug}`));
	return state;
}
