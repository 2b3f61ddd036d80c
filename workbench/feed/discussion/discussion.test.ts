import { InputError } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';
import { onBothEngines } from '@assay/database/testing';
import { expect, test } from 'vitest';
import type { User } from '../people/accounts.ts';
import { addPapers, addUser, later, NOW } from '../people/testing/sample.ts';
import { deleteComment, editComment, postComment, voteOnComment } from './comments.ts';
import { FLAG_REASONS, flagTarget } from './flags.ts';
import { changeRole, moderate, moderationLog, moderationQueue } from './moderation.ts';
import { recentDuplicate, submitPaper } from './submissions.ts';
import { type CommentNode, readThread } from './thread.ts';
import { castVote, votedPapers, withdrawVote } from './votes.ts';

const MINUTE = 60;
const score = (up: number, down: number): number => up - down;

async function setting(open: () => Promise<AssayDatabase>) {
	const database = await open();
	const [paper = 0, other = 0] = await addPapers(database, 2);
	const [ada, eve] = [await addUser(database, 'ada'), await addUser(database, 'eve')];
	const moderator = await addUser(database, 'mod', { role: 'moderator' });
	const say = (user: User, body: string, parentId: number | null = null, now = NOW) =>
		postComment(database, user, { paperId: paper, parentId, body }, now);
	const thread = (reader: User | null, now = NOW) => readThread(database, paper, reader, score, now);
	return { database, paper, other, ada, eve, moderator, say, thread };
}

/** A thread in one line: states and children, for comparison. */
function outline(nodes: readonly CommentNode[]): string {
	return nodes
		.map(
			({ html, state, replies }) =>
				`${html === null ? '-' : html.replace(/<.*?>/g, '')}:${state}${replies.length === 0 ? '' : `(${outline(replies)})`}`,
		)
		.join(' ');
}

onBothEngines(({ open, openAgain }) => {
	test('1,000 votes at once by 100 users on one paper are 100 votes', async () => {
		const { database, paper } = await setting(open);
		const rows = Array.from({ length: 100 }, (_, index) => ({
			handle: `voter-${index}`,
			role: 'user' as const,
			created_at: later(NOW, index < 30 ? -3600 : -86_400).toISOString(),
		}));
		await database.kysely.insertInto('users').values(rows).execute();
		const users = await database.kysely.selectFrom('users').selectAll().where('handle', 'like', 'voter-%').execute();
		const second = await openAgain();
		const ended = await Promise.all(
			Array.from({ length: 1000 }, (_, index) => {
				const row = users[(index * 37) % 100];
				if (row === undefined) throw new Error('no voter');
				const user: User = { ...row, organisationId: null, createdAt: row.created_at, erasedAt: null };
				return castVote(index % 2 === 0 ? database : second, user, paper, '192.0.2.0/24', NOW);
			}),
		);
		expect(ended.every(({ voted, votes }) => voted && votes >= 1 && votes <= 100)).toBe(true);
		const kept = await database.kysely.selectFrom('votes').selectAll().where('paper_id', '=', paper).execute();
		expect(new Set(kept.map((vote) => vote.user_id)).size).toBe(100);
		expect(kept).toHaveLength(100);
		// Thirty accounts were an hour old.
		expect(kept.reduce((sum, vote) => sum + vote.weight, 0)).toBeCloseTo(70 + 30 * 0.2, 9);
	});

	test('200 votes at once on one comment lose nothing, and the last of each user counts', async () => {
		const { database, ada, say } = await setting(open);
		const { id } = await say(ada, 'A remark.');
		const voters = await Promise.all(Array.from({ length: 50 }, (_, index) => addUser(database, `voter-${index}`)));
		await Promise.all(
			Array.from({ length: 200 }, (_, index) =>
				voteOnComment(database, voters[index % 50] ?? ada, id, index % 50 < 30 ? 1 : -1, NOW),
			),
		);
		expect(await voteOnComment(database, voters[0] ?? ada, id, 1, NOW)).toEqual({ up: 30, down: 20 });
		expect(await voteOnComment(database, voters[0] ?? ada, id, -1, NOW)).toEqual({ up: 29, down: 21 });
		expect(await voteOnComment(database, voters[0] ?? ada, id, 0, NOW)).toEqual({ up: 29, down: 20 });
	});

	test('voting again or withdrawing twice changes nothing; hidden and unknown papers take no votes', async () => {
		const { database, paper, other, ada } = await setting(open);
		expect(await castVote(database, ada, paper, null, NOW)).toEqual({ voted: true, votes: 1 });
		expect(await castVote(database, ada, paper, null, later(NOW, 9))).toEqual({ voted: true, votes: 1 });
		expect(await database.kysely.selectFrom('votes').select('at').execute()).toEqual([{ at: NOW.toISOString() }]);
		expect(await votedPapers(database, ada.id, [other, paper])).toEqual(new Set([paper]));
		expect(await withdrawVote(database, ada, paper)).toEqual({ voted: false, votes: 0 });
		expect(await withdrawVote(database, ada, paper)).toEqual({ voted: false, votes: 0 });
		await database.kysely.updateTable('papers').set({ hidden: 1 }).where('id', '=', paper).execute();
		for (const id of [paper, 999_999]) await expect(castVote(database, ada, id, null, NOW)).rejects.toThrow(InputError);
	});

	test('a thread has six levels; deeper replies stand beside what they answer', async () => {
		const { other, ada, say, thread, database } = await setting(open);
		let parent: number | null = null;
		for (let level = 0; level < 9; level++) {
			const posted = await say(ada, `level ${level} of a deep thread about number ${level ** 3}`, parent, later(NOW, level));
			expect(posted.depth).toBe(Math.min(level, 5));
			if (level > 5) expect(posted.parentId).not.toBe(parent);
			parent = posted.id;
		}
		let [nodes, depth] = [await thread(null), 0];
		while (nodes[0]?.replies.length) [nodes, depth] = [[...nodes[0].replies], depth + 1];
		expect([depth, nodes.length]).toEqual([5, 4]);
		await expect(postComment(database, ada, { paperId: other, parentId: parent, body: 'x' }, NOW)).rejects.toThrow(InputError);
		await expect(postComment(database, ada, { paperId: 999_999, parentId: null, body: 'x' }, NOW)).rejects.toThrow(InputError);
	});

	test('siblings stand in the order of their votes, then of time; readers see their own vote', async () => {
		const { database, ada, eve, moderator, say, thread } = await setting(open);
		const first = await say(ada, 'the first of three', null, NOW);
		const second = await say(ada, 'the second one', null, later(NOW, 1));
		await say(ada, 'a third and last', null, later(NOW, 2));
		await voteOnComment(database, eve, second.id, 1, NOW);
		await voteOnComment(database, eve, first.id, -1, NOW);
		await voteOnComment(database, moderator, second.id, 1, NOW);
		expect(outline(await thread(eve))).toBe('the second one:visible a third and last:visible the first of three:visible');
		expect((await thread(eve)).map(({ up, down, ownVote, own }) => [up, down, ownVote, own])).toEqual([
			[2, 0, 1, false],
			[0, 0, 0, false],
			[0, 1, -1, false],
		]);
		await expect(voteOnComment(database, ada, second.id, 1, NOW)).rejects.toThrow(InputError);
	});

	test('a comment is changed by its author for 90 minutes, and links may not slip in', async () => {
		const { database, ada, eve, say, thread } = await setting(open);
		const { id } = await say(ada, 'frist');
		expect((await thread(ada))[0]?.body).toBe('frist');
		expect((await thread(eve))[0]?.body).toBeNull();
		await editComment(database, ada, id, 'first', later(NOW, 90 * MINUTE));
		expect((await thread(null))[0]).toMatchObject({ html: '<p>first</p>', editedAt: later(NOW, 90 * MINUTE).toISOString() });
		expect((await thread(ada, later(NOW, 90 * MINUTE + 1)))[0]?.body).toBeNull();
		await expect(editComment(database, ada, id, 'late', later(NOW, 90 * MINUTE + 1))).rejects.toThrow(InputError);
		await expect(editComment(database, eve, id, 'mine', NOW)).rejects.toThrow(InputError);
		expect((await editComment(database, ada, id, 'https://a.example '.repeat(5), NOW)).state).toBe('pending');
		expect((await editComment(database, ada, id, 'harmless', NOW)).state).toBe('pending');
		expect(await thread(null)).toEqual([]);
	});

	test('what is deleted leaves its place only where something stands below it, and no text in the database', async () => {
		const { database, ada, eve, say, thread } = await setting(open);
		const top = await say(ada, 'secret words');
		const reply = await say(eve, 'an answer', top.id);
		await expect(deleteComment(database, eve, top.id, NOW)).rejects.toThrow(InputError);
		await deleteComment(database, ada, top.id, NOW);
		await expect(deleteComment(database, ada, top.id, NOW)).rejects.toThrow(InputError);
		for (const reader of [null, ada, eve]) expect(outline(await thread(reader))).toBe('-:deleted(an answer:visible)');
		expect((await thread(ada))[0]?.author).toBeNull();
		const row = await database.kysely.selectFrom('comments').selectAll().where('id', '=', top.id).executeTakeFirstOrThrow();
		expect([row.body, row.html]).toEqual(['', '']);
		await expect(say(ada, 'more', top.id)).rejects.toThrow(InputError);
		await deleteComment(database, eve, reply.id, NOW);
		expect(await thread(null)).toEqual([]);
	});

	test('what waits is seen by its author and by moderators, who let it through', async () => {
		const { database, ada, eve, moderator, say, thread } = await setting(open);
		const posted = await say(ada, 'https://a.example '.repeat(5));
		expect(posted).toMatchObject({ state: 'pending', reasons: ['links: 5'] });
		expect((await thread(ada))[0]).toMatchObject({ state: 'pending', own: true });
		for (const reader of [null, eve]) expect(await thread(reader)).toEqual([]);
		expect((await moderationQueue(database)).map(({ target, state, weight }) => [target.id, state, weight])).toEqual([
			[posted.id, 'pending', 0],
		]);
		const target = { kind: 'comment', id: posted.id } as const;
		await expect(moderate(database, ada, 'approve', target, 'because', NOW)).rejects.toThrow(InputError);
		await expect(moderate(database, moderator, 'approve', target, ' ', NOW)).rejects.toThrow(InputError);
		await moderate(database, moderator, 'approve', target, 'Links to data sets', NOW);
		await expect(moderate(database, moderator, 'approve', target, 'again', NOW)).rejects.toThrow(InputError);
		expect(outline(await thread(null))).toMatch(/:visible$/);
		expect(await moderationQueue(database)).toEqual([]);
		expect(await moderationLog(database, 10)).toMatchObject([
			{ actor: 'mod', action: 'approve', target, reason: 'Links to data sets' },
		]);
	});

	test('flags of weight 5 hide, once, also when they come at once; the author sees it, a moderator undoes it', async () => {
		const { database, ada, moderator, say, thread } = await setting(open);
		const { id } = await say(ada, 'a disputed remark');
		const target = { kind: 'comment', id } as const;
		const flaggers = await Promise.all(Array.from({ length: 4 }, (_, index) => addUser(database, `reader-${index}`)));
		for (const user of flaggers) expect(await flagTarget(database, user, target, 'abuse', NOW)).toEqual({ hidden: false });
		for (const user of flaggers) await flagTarget(database, user, target, 'spam', NOW);
		const young = await Promise.all(
			Array.from({ length: 4 }, (_, index) => addUser(database, `young-${index}`, { createdAt: later(NOW, -60) })),
		);
		for (const user of young) expect(await flagTarget(database, user, target, 'abuse', NOW)).toEqual({ hidden: false });
		const more = await Promise.all(
			Array.from({ length: 6 }, (_, index) => addUser(database, `more-${index}`, { createdAt: later(NOW, -60) })),
		);
		const ended = await Promise.all(more.map((user) => flagTarget(database, user, target, 'abuse', NOW)));
		expect(ended.filter(({ hidden }) => hidden)).toHaveLength(1);
		expect(await thread(null)).toEqual([]);
		expect((await thread(ada))[0]?.state).toBe('hidden');
		expect((await moderationLog(database, 10)).filter(({ action }) => action === 'auto-hide')).toMatchObject([
			{ actor: null, target },
		]);
		const [item] = await moderationQueue(database);
		expect(item?.flags).toEqual({ abuse: 14 });
		expect(item?.weight).toBeCloseTo(6, 9);
		await moderate(database, moderator, 'restore', target, 'It is a fair remark', NOW);
		expect((await thread(null))[0]?.state).toBe('visible');
		// Dismissed flags do not count again.
		expect(await flagTarget(database, await addUser(database, 'late'), target, 'abuse', NOW)).toEqual({ hidden: false });
	});

	test('a moderator’s flag hides a paper at once; unknown reasons and targets are refused', async () => {
		const { database, paper, ada, moderator } = await setting(open);
		const target = { kind: 'paper', id: paper } as const;
		await expect(flagTarget(database, ada, target, 'spamm', NOW)).rejects.toThrow(/did you mean spam/);
		await expect(flagTarget(database, ada, target, 'constructor', NOW)).rejects.toThrow(InputError);
		await expect(flagTarget(database, ada, { kind: 'user', id: 999_999 }, 'spam', NOW)).rejects.toThrow(InputError);
		expect(Object.keys(FLAG_REASONS)).toContain('spam');
		expect(await flagTarget(database, moderator, target, 'duplicate', later(NOW, 5))).toEqual({ hidden: true });
		const row = await database.kysely
			.selectFrom('papers')
			.select(['hidden', 'updated_at'])
			.where('id', '=', paper)
			.executeTakeFirst();
		expect(row).toEqual({ hidden: 1, updated_at: later(NOW, 5).toISOString() });
		await moderate(database, moderator, 'restore', target, 'Not the same after all', NOW);
		await moderate(database, moderator, 'hide', target, 'The same after all', NOW);
		expect((await moderationLog(database, 2)).map(({ action }) => action)).toEqual(['hide', 'restore']);
		expect((await moderationLog(database, 2, (await moderationLog(database, 2))[1]?.id)).map(({ action }) => action)).toEqual([
			'auto-hide',
		]);
	});

	test('only administrators change roles, not their own, and it is logged', async () => {
		const { database, ada, eve, moderator } = await setting(open);
		const admin = await addUser(database, 'root-1', { role: 'admin' });
		await changeRole(database, admin, ada.id, 'trusted', 'Good comments', NOW);
		for (const [actor, user] of [
			[moderator, eve],
			[admin, admin],
		] as const)
			await expect(changeRole(database, actor, user.id, 'admin', 'please', NOW)).rejects.toThrow(InputError);
		expect(await database.kysely.selectFrom('users').select('role').where('id', '=', ada.id).executeTakeFirst()).toEqual({
			role: 'trusted',
		});
		expect(await moderationLog(database, 1)).toMatchObject([
			{ actor: 'root-1', action: 'role trusted', target: { kind: 'user', id: ada.id } },
		]);
	});

	test('a paper brought again within 30 days is the one that is here', async () => {
		const { database, paper, ada } = await setting(open);
		await database.kysely.updateTable('papers').set({ arxiv_id: '2611.00001', doi: '10.1/x' }).where('id', '=', paper).execute();
		const nothing = { arxivId: null, doi: null, titleKey: '' };
		const add = async (): Promise<number> => {
			throw new Error('must not be added');
		};
		for (const identity of [{ arxivId: '2611.00001' }, { doi: '10.1/x' }, { titleKey: 'paper1' }])
			expect(await submitPaper(database, ada, { ...nothing, ...identity }, add, later(NOW, 29 * 86_400))).toEqual({
				paperId: paper,
				slug: 'paper-1',
				duplicate: true,
			});
		expect(await recentDuplicate(database, nothing, NOW)).toBeNull();
		expect(await recentDuplicate(database, { ...nothing, arxivId: '2611.00002' }, NOW)).toBeNull();
		const again = await submitPaper(database, ada, { ...nothing, doi: '10.1/x' }, async () => paper, later(NOW, 31 * 86_400));
		expect(again).toEqual({ paperId: paper, slug: 'paper-1', duplicate: false });
		const row = await database.kysely.selectFrom('papers').select('submitted_by').where('id', '=', paper).executeTakeFirst();
		expect(row).toEqual({ submitted_by: ada.id });
	});
});
