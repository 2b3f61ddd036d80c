/** What anyone may see of a user: submissions, votes and comments. */
import { readCards, userActivity, userByHandle } from '@assay/feed';
import { HttpError, requestContext } from '@assay/server';
import { Link, type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { CommentBody } from '../components/comment-body.tsx';
import { Day, Moment } from '../components/day.tsx';
import { pageMeta } from '../components/meta.ts';
import { PaperList } from '../components/paper-list.tsx';
import { listPapers } from '../server/listed-papers.server.ts';

export const meta = ({ loaderData }: { loaderData?: { handle: string } }) =>
	pageMeta(loaderData?.handle ?? 'User', 'Submissions, votes and comments of a user.');

export async function loader({ context, params }: LoaderFunctionArgs) {
	const site = context.get(requestContext);
	const { database } = site.services;
	const user = await userByHandle(database, params['handle'] ?? '');
	if (user === null || user.erasedAt !== null) throw new HttpError(404, 'There is no such user.');
	const activity = await userActivity(database, user.id);
	const lists = async (ids: readonly number[]) => listPapers(site, await readCards(database.kysely, ids));
	const commented = new Map(
		(await readCards(database.kysely, [...new Set(activity.comments.map((comment) => comment.paperId))])).map((card) => [
			card.id,
			card,
		]),
	);
	return {
		handle: user.handle,
		role: user.role,
		since: user.createdAt.slice(0, 10),
		submitted: await lists(activity.submitted),
		voted: await lists(activity.voted),
		comments: activity.comments.flatMap((comment) => {
			const card = commented.get(comment.paperId);
			return card === undefined || card.hidden
				? []
				: [{ id: comment.id, html: comment.html, at: comment.at, slug: card.slug, title: card.title }];
		}),
	};
}

export default function UserRoute() {
	const { handle, role, since, submitted, voted, comments } = useLoaderData<typeof loader>();
	return (
		<div className="reading">
			<header className="page-head">
				<h1>{handle}</h1>
				<p className="byline">
					{role !== 'user' && `${role}, `}since <Day day={since} /> · <a href={`/feeds/u/${handle}.atom`}>Atom feed</a>
				</p>
			</header>
			{submitted.length > 0 && (
				<section className="section">
					<h2>Submitted</h2>
					<PaperList papers={submitted} label="Submitted" />
				</section>
			)}
			{comments.length > 0 && (
				<section className="section">
					<h2>Comments</h2>
					{comments.map((comment) => (
						<div className="comment" key={comment.id}>
							<p className="meta">
								<Link to={`/papers/${comment.slug}#comment-${comment.id}`}>{comment.title}</Link>
								<Moment at={comment.at} />
							</p>
							<CommentBody html={comment.html} />
						</div>
					))}
				</section>
			)}
			<section className="section">
				<h2>Voted for</h2>
				{voted.length === 0 ? <p className="soft">Nothing yet.</p> : <PaperList papers={voted} label="Voted for" />}
			</section>
		</div>
	);
}
