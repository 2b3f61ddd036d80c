import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createArxivClient } from './arxiv-api.ts';

const feed = (total: number, ids: readonly string[]): string =>
	`<feed xmlns:opensearch="o"><opensearch:totalResults>${total}</opensearch:totalResults>${ids
		.map((id) => `<entry><id>https://arxiv.org/abs/${id}v1</id><title>Paper ${id}</title></entry>`)
		.join('')}</feed>`;

/** A clock that only moves by sleeping and by requests of one second, and a server that says when it was asked. */
function simulated(answer: (url: URL) => Response) {
	let [time, open, most] = [0, 0, 0];
	const asked: { at: number; url: URL }[] = [];
	const client = createArxivClient({
		clock: () => time,
		sleep: async (milliseconds) => {
			time += milliseconds;
		},
		fetch: async (text) => {
			const url = new URL(text);
			asked.push({ at: time, url });
			open += 1;
			most = Math.max(most, open);
			await Promise.resolve();
			time += 1000;
			open -= 1;
			return answer(url);
		},
	});
	return { client, asked, mostOpen: () => most };
}

test('requests wait for each other and three seconds more, also after a failure', async () => {
	const { client, asked, mostOpen } = simulated((url) =>
		url.searchParams.get('search_query') === 'bad' ? new Response('', { status: 503 }) : new Response(feed(1, ['2407.00001'])),
	);
	const results = await Promise.allSettled(['a', 'bad', 'c'].map((search) => client.query({ search })));
	expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
	expect(asked.map(({ at }) => at)).toEqual([0, 4000, 8000]);
	expect(mostOpen()).toBe(1);
});

test('a search is read page by page, newest first', async () => {
	const ids = ['2407.00001', '2407.00002', '2407.00003'];
	const { client, asked } = simulated((url) => {
		const start = Number(url.searchParams.get('start'));
		return new Response(feed(3, ids.slice(start, start + 2)));
	});
	const found = [];
	for await (const page of client.queryAll('cat:cs.AR', 2)) found.push(...page.papers.map(({ arxivId }) => arxivId));
	expect(found).toEqual(ids);
	expect(asked.map(({ url }) => url.search)).toEqual([
		'?search_query=cat%3Acs.AR&start=0&max_results=2&sortBy=submittedDate&sortOrder=descending',
		'?search_query=cat%3Acs.AR&start=2&max_results=2&sortBy=submittedDate&sortOrder=descending',
	]);
});

test('the caps hold before anything is asked', async () => {
	const { client, asked } = simulated(() => new Response(feed(0, [])));
	for (const query of [
		{ search: 'a', maxResults: 2001 },
		{ search: 'a', start: 29_999, maxResults: 2 },
		{},
		{ ids: ['nonsense'] },
	])
		await expect(client.query(query)).rejects.toThrow(/arXiv query/);
	expect(asked).toEqual([]);
});

test('against a real server on this machine', async () => {
	const server = createServer((request, response) => {
		const id = new URL(request.url ?? '', 'http://localhost').searchParams.get('id_list') ?? '';
		response.end(feed(1, [id]));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	const address = server.address();
	const port = typeof address === 'object' ? address?.port : 0;
	const options = { fetch, sleep: async () => undefined, clock: () => 0 };
	const client = createArxivClient({ ...options, endpoint: `http://127.0.0.1:${port}/api/query` });
	expect((await client.query({ ids: ['2407.00009'] })).papers[0]?.arxivId).toBe('2407.00009');
	await new Promise((resolve) => server.close(resolve));
	await expect(client.query({ ids: ['2407.00009'] })).rejects.toThrow(/cannot be reached/);
});
