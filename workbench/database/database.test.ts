import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { onBothEngines } from './testing/index.ts';

onBothEngines(({ open, openAgain, engine }) => {
	const tag = (slug: string) => ({ slug, name: slug });

	test('concurrent transactions do not slip into each other, and a failed one leaves nothing', async () => {
		const { kysely } = await open();
		const insert = (slug: string, fail: boolean) =>
			kysely.transaction().execute(async (transaction) => {
				await transaction.insertInto('tags').values(tag(slug)).execute();
				await new Promise((resolve) => setTimeout(resolve, 5));
				if (fail) throw new Error('changed my mind');
			});
		const ended = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => insert(`tag-${index}`, index % 2 === 1)));
		expect(ended.map((one) => one.status)).toEqual(ended.map((_, index) => (index % 2 === 1 ? 'rejected' : 'fulfilled')));
		const kept = await kysely.selectFrom('tags').select('slug').orderBy('slug').execute();
		expect(kept.map((row) => row.slug)).toEqual(['tag-0', 'tag-2', 'tag-4', 'tag-6']);
	});

	test('bytes, large numbers and counts come back as they went in', async () => {
		const { kysely } = await open();
		const vector = new Uint8Array([0, 255, 7]);
		const paper = { slug: 'p', title: 'P', title_key: 'p', created_at: '', updated_at: '' };
		const { id } = await kysely.insertInto('papers').values(paper).returning('id').executeTakeFirstOrThrow();
		await kysely.insertInto('embeddings').values({ paper_id: id, model: 'm', fingerprint: 'f', vector }).execute();
		const row = await kysely.selectFrom('embeddings').select('vector').executeTakeFirstOrThrow();
		expect(new Uint8Array(row.vector)).toEqual(vector);
		await kysely
			.insertInto('runs')
			.values({ id: 'r', system: 's', version: 1, seed: 4_294_967_295, inputs: '{}', status: 'queued', created_at: '' })
			.execute();
		expect(await kysely.selectFrom('runs').select('seed').executeTakeFirst()).toEqual({ seed: 4_294_967_295 });
		const counted = await kysely
			.selectFrom('runs')
			.select(({ fn }) => fn.countAll<number>().as('n'))
			.executeTakeFirst();
		expect(counted).toEqual({ n: 1 });
	});

	test('foreign keys hold', async () => {
		const { kysely } = await open();
		await expect(kysely.insertInto('paper_tags').values({ paper_id: 1, tag_id: 1 }).execute()).rejects.toThrow(/foreign key/i);
	});

	test('the change mark moves with every change, own or of another process, and with nothing else', async () => {
		const here = await open();
		const there = await openAgain();
		if (engine === 'postgres') {
			expect(here.changeMark()).toBeNull();
			return;
		}
		const before = here.changeMark();
		await sql`select 1`.execute(here.kysely);
		expect(here.changeMark()).toBe(before);
		await here.kysely.insertInto('tags').values(tag('own')).execute();
		const after = here.changeMark();
		expect(after).not.toBe(before);
		await there.kysely.insertInto('tags').values(tag('other')).execute();
		expect(here.changeMark()).not.toBe(after);
	});
});
