/** Colours and keyboard shortcuts, kept in cookies. */
import { keysCookie, readForm, requestContext, textOf, themeCookie, themeOf } from '@assay/server';
import { type ActionFunctionArgs, redirect } from 'react-router';
import { localPath } from '../server/local-path.server.ts';

const YEAR_SECONDS = 365 * 86_400;

export async function action({ context, request }: ActionFunctionArgs) {
	const site = context.get(requestContext);
	const form = await readForm(request, site);
	const attributes = `; Path=/; Max-Age=${YEAR_SECONDS}; SameSite=Lax${site.origin.startsWith('https:') ? '; Secure' : ''}`;
	const headers = new Headers();
	if (form.has('theme')) headers.append('set-cookie', `${themeCookie}=${themeOf(textOf(form, 'theme'))}${attributes}`);
	if (form.has('keys'))
		headers.append('set-cookie', `${keysCookie}=${textOf(form, 'keys') === 'off' ? 'off' : 'on'}${attributes}`);
	return redirect(localPath(textOf(form, 'back'), '/'), { headers });
}
