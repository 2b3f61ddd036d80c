/** What a visitor may do. */
import { isModerator } from '@assay/feed';
import { HttpError, type RequestContext } from '@assay/server';
import { redirect } from 'react-router';

/** The visitor, or a way to sign in. */
export function requireVisitor(context: RequestContext, request: Request) {
	if (context.visitor === null) {
		const { pathname, search } = new URL(request.url);
		throw redirect(`/login?back=${encodeURIComponent(pathname.replace(/\.data$/, '') + search)}`);
	}
	return context.visitor;
}

export function requireModerator(context: RequestContext, request: Request) {
	const visitor = requireVisitor(context, request);
	if (!isModerator(visitor)) throw new HttpError(403, 'This page is for moderators.');
	return visitor;
}

/** A hidden paper is shown to moderators, and to whoever submitted it: nobody is left in the dark about what is their own. */
export async function canSeeHidden({ visitor, services }: RequestContext, paperId: number): Promise<boolean> {
	if (visitor === null) return false;
	if (isModerator(visitor)) return true;
	const paper = await services.database.kysely
		.selectFrom('papers')
		.select('submitted_by')
		.where('id', '=', paperId)
		.executeTakeFirst();
	return paper?.submitted_by === visitor.id;
}

/** Runs cost time of this machine: they need an account. */
export function canRun(context: RequestContext): boolean {
	return context.visitor !== null && !context.isStatic;
}
