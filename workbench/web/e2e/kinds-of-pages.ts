/** One page of every kind, on a server that has something to show on each. */
import type { ServerProcess } from '@assay/server/testing';
import { z } from 'zod';

const made = z.object({ id: z.union([z.string(), z.number()]) });
const state = z.object({ status: z.string() });
const adviceState = z.object({ pending: z.array(z.unknown()) });
const sweepState = z.object({ counts: z.object({ done: z.number() }) });

/** Pages to read, apart from those that run something. */
export const READING_PAGES = ['/', '/date/2025-12-26', '/papers/quartet', '/search?q=four-bit+training', '/about', '/claims'];

const MORE_PAGES = [
	'/week/2025-W52',
	'/month/2025-12',
	'/papers/daq-model',
	'/papers/splitwise',
	'/org/zyphra',
	'/tag/serving',
	'/author/xiaoman-liu',
	'/submit',
	'/u/local',
	'/subscribe',
	'/settings',
	'/mod',
	'/feeds',
	'/api',
	'/systems',
	'/systems/splitwise',
	'/advise',
	'/advise?model=llama-3-8b&machine=16xh100&goal=serve',
	'/runs',
	'/sweeps',
	'/sweeps/new/daq-model',
	'/sweeps/new/draco?search',
	'/formats',
	'/machines',
	'/machines/dgx-h100',
	'/models',
	'/models/gpt2',
	'/nothing-here',
];

/** Makes runs, a sweep, a vote, comments and a flag, and gives a path for every kind of page. */
export async function furnish({ url }: Pick<ServerProcess, 'url'>): Promise<string[]> {
	const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
		const answer = await fetch(`${url}/api/v1${path}`, {
			method,
			headers: { 'content-type': 'application/json' },
			...(body !== undefined && { body: JSON.stringify(body) }),
		});
		if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
		return answer.status === 204 ? null : answer.json();
	};
	const small = { samples: 1000, contourPoints: 3, sensitivities: false };
	const run = async (inputs: object): Promise<string> =>
		String(made.parse(await call('POST', '/runs', { system: 'daq-model', inputs: { ...small, ...inputs } })).id);
	const runs = [await run({}), await run({ gpuHlt: true })];
	const grid = [{ path: 'l1tRatio', values: [40, 100, 400] }];
	const sweep = made.parse(await call('POST', '/sweeps', { system: 'daq-model', specification: { inputs: small, grid } })).id;
	const question = { model: 'llama-3-8b', machine: '16xh100', goal: 'serve' };
	await call('POST', '/advice', question);
	await call('PUT', '/papers/quartet/vote');
	const comment = made.parse(await call('POST', '/papers/quartet/comments', { body: 'A *remark* with `code` and > a sign.' }));
	await call('POST', '/papers/quartet/comments', { body: '> quoted\n\nA reply.', parent: comment.id });
	const isAdvised = async (): Promise<boolean> =>
		adviceState.parse(await call('GET', `/advice?${new URLSearchParams(question)}`)).pending.length === 0;
	await until(async () => {
		const ends = await Promise.all(runs.map(async (id) => state.parse(await call('GET', `/runs/${id}`)).status));
		return (
			ends.every((end) => end === 'done') &&
			sweepState.parse(await call('GET', `/sweeps/${sweep}`)).counts.done === 3 &&
			(await isAdvised())
		);
	});
	return [...READING_PAGES, ...MORE_PAGES, `/runs/${runs[0]}`, `/runs/compare?run=${runs[0]}&run=${runs[1]}`, `/sweeps/${sweep}`];
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
	while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 200));
}
