/** What a visitor can do in a discussion. */
import {
	castVote,
	deleteComment,
	editComment,
	findPaperId,
	flagTarget,
	postComment,
	type User,
	voteOnComment,
	withdrawVote,
} from '@assay/feed';
import { HttpError, type RequestContext, takeFromBudget, textOf } from '@assay/server';
import { data, redirect } from 'react-router';
import { idOf } from './ids.server.ts';
import { asFormProblem } from './problem.server.ts';

export async function discuss(site: RequestContext, visitor: User, slug: string, form: FormData) {
	const { database } = site.services;
	const paperId = await findPaperId(database.kysely, slug);
	if (paperId === null) throw new HttpError(404, 'There is no such paper.');
	const comment = (): number => idOf(textOf(form, 'comment'), 'comment');
	try {
		switch (textOf(form, 'do')) {
			case 'post': {
				takeFromBudget(site, 'comment');
				const parent = textOf(form, 'parent');
				const posted = await postComment(
					database,
					visitor,
					{ paperId, parentId: parent === '' ? null : idOf(parent, 'parent'), body: textOf(form, 'body') },
					site.now,
				);
				return redirect(`/papers/${slug}#comment-${posted.id}`);
			}
			case 'edit':
				takeFromBudget(site, 'comment');
				await editComment(database, visitor, comment(), textOf(form, 'body'), site.now);
				return redirect(`/papers/${slug}#comment-${comment()}`);
			case 'delete':
				await deleteComment(database, visitor, comment(), site.now);
				return redirect(`/papers/${slug}#comment-${comment()}`);
			case 'vote': {
				takeFromBudget(site, 'vote');
				const value = ([-1, 0, 1] as const).find((one) => String(one) === textOf(form, 'value')) ?? 0;
				await voteOnComment(database, visitor, comment(), value, site.now);
				return redirect(`/papers/${slug}#comment-${comment()}`);
			}
			case 'flag': {
				const kind = textOf(form, 'kind') === 'comment' ? 'comment' : 'paper';
				const { hidden } = await flagTarget(
					database,
					visitor,
					{ kind, id: idOf(textOf(form, 'id'), 'id') },
					textOf(form, 'reason'),
					site.now,
				);
				return data({
					said: hidden ? 'Thank you. It is hidden until a moderator has looked.' : 'Thank you. A moderator will look at it.',
				});
			}
			default:
				throw new HttpError(400, 'Unknown action.');
		}
	} catch (error) {
		return asFormProblem(error);
	}
}

/** Votes for a paper, or takes the vote back. */
export async function vote(site: RequestContext, visitor: User, slug: string, wanted: string) {
	takeFromBudget(site, 'vote');
	const { database } = site.services;
	const paperId = await findPaperId(database.kysely, slug);
	if (paperId === null) throw new HttpError(404, 'There is no such paper.');
	return wanted === 'withdraw'
		? withdrawVote(database, visitor, paperId)
		: castVote(database, visitor, paperId, site.network, site.now);
}
