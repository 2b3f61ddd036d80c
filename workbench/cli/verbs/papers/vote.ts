import { castVote, localUser, withdrawVote } from '@assay/feed';
import { print, printJson } from '../../terminal.ts';
import { findPaper, withFeed } from './feed.ts';

/** `assay papers vote <slug>`, as the user of this machine. */
export async function voteVerb(slug: string, options: { readonly withdraw?: true; readonly json?: true }): Promise<void> {
	await withFeed(async ({ database, now }) => {
		const card = await findPaper(database, slug);
		const user = await localUser(database, now);
		const state =
			options.withdraw === true
				? await withdrawVote(database, user, card.id)
				: await castVote(database, user, card.id, null, now);
		if (options.json === true) printJson({ slug: card.slug, ...state });
		else print(`${card.slug}: ${state.votes} ${state.votes === 1 ? 'vote' : 'votes'}, ${state.voted ? 'with' : 'without'} yours`);
	});
}
