/** A sweep's runs over HTTP: page by page, by condition and in order, as files, and what matters among its inputs. */
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { openTestApp, type TestApp } from './testing/index.ts';

let server: TestApp;
let sweep: string;
const page = z.object({
	runs: z.array(z.looseObject({ position: z.int() })),
	total: z.int(),
	cursor: z.string().nullable(),
});

beforeAll(async () => {
	server = await openTestApp();
	const { store } = server.services;
	sweep = (await store.addSweep({ system: 'daq-model', version: 1, specification: {}, fingerprint: 'made' }, [])).id;
	const at = '2026-01-01T00:00:00.000Z';
	const rows = Array.from({ length: 400 }, (_, position) => {
		const [x, y] = [position % 20, Math.floor(position / 20)];
		return {
			id: `${sweep}-${position}`,
			system: 'daq-model',
			version: 1,
			seed: 0,
			inputs: JSON.stringify({ x, y }),
			outputs: JSON.stringify({ cost: 10 * x + y }),
			status: 'done' as const,
			sweep,
			position,
			created_at: at,
			ended_at: at,
		};
	});
	await store.database.insertInto('runs').values(rows).execute();
}, 120_000);
afterAll(() => server.close());

const read = async (path: string): Promise<Response> => server.request(`/api/v1/sweeps/${sweep}/${path}`);

test('pages follow each other by their cursors, in the order and within the bounds asked for', async () => {
	const seen: number[] = [];
	for (let cursor: string | null = '0'; cursor !== null; ) {
		const response = await read(`runs?where=outputs.cost%3E%3D100;inputs.y%3C5&sort=-outputs.cost&limit=7&cursor=${cursor}`);
		const answer: z.output<typeof page> = page.parse(await response.json());
		expect(answer.total).toBe(50);
		seen.push(...answer.runs.map(({ position }) => position));
		cursor = answer.cursor;
	}
	const cost = (position: number): number => 10 * (position % 20) + Math.floor(position / 20);
	const all = Array.from({ length: 100 }, (_, position) => position).filter((position) => cost(position) >= 100);
	expect(seen).toEqual(all.sort((a, b) => cost(b) - cost(a) || a - b));
});

test('a file holds all runs, or those asked for in their order, in every format', async () => {
	const lines = (await (await read('export?format=jsonl')).text()).trim().split('\n');
	expect(lines).toHaveLength(400);
	const csv = await (await read('export?format=csv&where=inputs.x%3D3&sort=-inputs.y')).text();
	expect(
		csv
			.split('\r\n')
			.slice(1, 4)
			.map((line) => line.split(',').at(-1)),
	).toEqual(['49', '48', '47']);
	const file = await (await read('export?format=parquet&status=done')).arrayBuffer();
	expect(await parquetReadObjects({ file })).toHaveLength(400);
	expect((await read('export?format=xlsx')).status).toBe(422);
	expect((await read('export?where=outputs.kost%3C1')).status).toBe(422);
});

test('what matters most is said with its shares', async () => {
	const answer = z
		.object({ says: z.string(), basis: z.string(), factors: z.array(z.looseObject({ name: z.string() })) })
		.loose()
		.parse(await (await read('sensitivity?output=cost')).json());
	expect(answer.basis).toBe('grid');
	expect(answer.factors.map(({ name }) => name)).toEqual(['x', 'y']);
	// Variances of 10x and of y: a hundred to one.
	expect(answer.says).toBe('`x` matters most: it accounts for 99 % of what varies in cost; `y` hardly matters.');
});
