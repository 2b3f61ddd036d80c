/** Sweeps and searches over HTTP: start, stop, go on, and read what came of them without reading all of it. */
import { isModerator } from '@assay/feed';
import { listSelectedRuns, listWorkers, searchSpecification, sweepSensitivity, takeInResults } from '@assay/runs';
import { sensitivityBasis, sensitivitySentence } from '@assay/sensitivity';
import { z } from '@hono/zod-openapi';
import { HttpError } from '../http/problem.ts';
import type { RequestContext } from '../request-context.ts';
import { requireRights } from '../run-rights.ts';
import type { Api } from './api.ts';
import { queryInteger, wholeRun } from './schemas.ts';
import { selectionOf, selectionQuery } from './selection.ts';

const sweepId = z.object({ id: z.string().max(40) });

export function sweepOperations(api: Api): void {
	const counts = z.object({
		queued: z.int(),
		running: z.int(),
		done: z.int(),
		failed: z.int(),
		stopped: z.int(),
		interrupted: z.int(),
	});
	const sweep = z
		.object({ id: z.string(), system: z.string(), version: z.int(), specification: z.unknown(), createdAt: z.string(), counts })
		.openapi('Sweep');
	const document = async ({ services: { store } }: RequestContext, id: string): Promise<z.input<typeof sweep>> => ({
		...(await store.getSweep(id)),
		counts: await store.sweepCounts(id),
	});
	api.operation(
		{
			method: 'get',
			path: '/sweeps',
			tag: 'Sweeps',
			summary: 'Sweeps, newest first',
			query: z.object({ limit: queryInteger({ min: 1, max: 200, default: 50 }) }),
			answer: z.object({ sweeps: z.array(sweep) }),
		},
		async ({ context, query }) => {
			const sweeps = await context.services.store.listSweeps(query.limit);
			return { sweeps: await Promise.all(sweeps.map(({ id }) => document(context, id))) };
		},
	);
	api.operation(
		{
			method: 'post',
			path: '/sweeps',
			tag: 'Sweeps',
			summary: 'Run a system over a grid, a list or random draws; the same sweep again goes on where it stopped',
			limit: 'run',
			status: 202,
			body: z
				.object({ system: z.string().max(100), specification: z.record(z.string(), z.unknown()) })
				.openapi({ example: { system: 'daq-model', specification: { grid: [{ path: 'l1tRatio', values: [40, 100, 400] }] } } }),
			answer: sweep,
		},
		async ({ context, visitor, body }) => {
			const { id } = await context.services.queue.addSweep({ ...body, folder: null, userId: visitor.id });
			return document(context, id);
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/sweeps/{id}',
			tag: 'Sweeps',
			summary: 'One sweep and how far it is',
			parameters: sweepId,
			names: 'sweep',
			answer: sweep,
		},
		async ({ context, parameters }) => document(context, parameters.id),
	);
	const acts = [
		{ act: 'cancel', summary: 'Stop a sweep or a search' },
		{ act: 'continue', summary: 'Work on what of a sweep has no result yet; a search goes on to the runs it would have made' },
	] as const;
	for (const { act, summary } of acts) {
		api.operation(
			{
				method: 'post',
				path: `/sweeps/{id}/${act}`,
				tag: 'Sweeps',
				summary,
				parameters: sweepId,
				names: 'sweep',
				status: 202,
				answer: sweep,
			},
			async ({ context, visitor, parameters: { id } }) => {
				const { store, queue } = context.services;
				requireRights(visitor, await store.getSweep(id));
				if (act === 'cancel') await queue.cancelSweep(id);
				else await queue.continueSweep(id);
				return document(context, id);
			},
		);
	}
	api.operation(
		{
			method: 'post',
			path: '/searches',
			tag: 'Sweeps',
			summary: 'Search a system’s inputs for the best outputs; a search is a sweep whose runs are made as it goes',
			limit: 'run',
			status: 202,
			body: z.object({ system: z.string().max(100), specification: searchSpecification }).openapi({
				example: {
					system: 'draco',
					specification: {
						method: 'nsga-ii',
						vary: [{ path: 'array.rows', min: 8, max: 256, scale: 'log-integer' }],
						objectives: [
							{ path: 'evaluation.after.seconds', goal: 'minimize' },
							{ path: 'evaluation.after.meanUtilisation', goal: 'maximize' },
						],
						evaluations: 100,
					},
				},
			}),
			answer: sweep,
		},
		async ({ context, visitor, body }) => {
			const { id } = await context.services.queue.addSearch({ ...body, folder: null, userId: visitor.id });
			return document(context, id);
		},
	);
	resultOperations(api);
	workerOperations(api);
}

function workerOperations(api: Api): void {
	const worker = z
		.object({
			id: z.string(),
			host: z.string(),
			process: z.int(),
			hands: z.int().openapi({ description: 'Runs it works on at once.' }),
			systems: z
				.array(z.string())
				.readonly()
				.nullable()
				.openapi({ description: 'What it was restricted to; null where it takes all systems.' }),
			refusals: z.array(z.object({ system: z.string(), version: z.int(), reason: z.string() })).readonly(),
			startedAt: z.string(),
			silentSeconds: z.number(),
			isSilent: z.boolean(),
			finished: z.int(),
			runs: z.array(z.object({ id: z.string(), system: z.string(), startedAt: z.string().nullable() })).readonly(),
		})
		.openapi('Worker');
	api.operation(
		{
			method: 'get',
			path: '/workers',
			tag: 'Sweeps',
			summary: 'Who works on distributed sweeps, and on what since when; for moderators, since it names machines',
			needsVisitor: true,
			answer: z.object({ workers: z.array(worker) }),
		},
		async ({ context: { services }, visitor }) => {
			if (!isModerator(visitor)) throw new HttpError(403, 'This is for moderators.');
			return { workers: services.store.isShared ? await listWorkers(services.store) : [] };
		},
	);
}

function resultOperations(api: Api): void {
	const listed = wholeRun.omit({ artifacts: true, log: true, environment: true }).openapi('SweepRun');
	api.operation(
		{
			method: 'get',
			path: '/sweeps/{id}/runs',
			tag: 'Sweeps',
			summary: 'Runs of a sweep that meet conditions, in the order asked for',
			parameters: sweepId,
			names: 'sweep',
			query: selectionQuery.extend({
				limit: queryInteger({ min: 1, max: 200, default: 50 }),
				cursor: z
					.string()
					.regex(/^\d{1,9}$/, 'a cursor that an answer gave')
					.optional(),
			}),
			answer: z.object({ runs: z.array(listed), total: z.int(), cursor: z.string().nullable() }),
		},
		async ({ context, parameters, query: { limit, cursor = '0', ...asked } }) => {
			const { store } = context.services;
			const { id } = await store.getSweep(parameters.id);
			const selection = selectionOf(asked);
			if (selection.where.length > 0 || selection.sort !== undefined) await takeInResults(store, id);
			const { runs, total } = await listSelectedRuns(store, id, selection, { offset: Number(cursor), limit });
			const end = Number(cursor) + runs.length;
			return { runs: [...runs], total, cursor: end < total && runs.length > 0 ? String(end) : null };
		},
	);
	const share = z.object({ value: z.number(), low: z.number(), high: z.number() });
	api.operation(
		{
			method: 'get',
			path: '/sweeps/{id}/sensitivity',
			tag: 'Sweeps',
			summary: 'Which inputs of a sweep matter most for an output, as shares of its variance with 95 % intervals',
			parameters: sweepId,
			names: 'sweep',
			query: z.object({ output: z.string().max(200).default('').openapi({ example: 'latency.p99' }) }),
			answer: z.object({
				says: z.string(),
				basis: z.enum(['grid', 'saltelli', 'surrogate']).nullable().openapi({ description: 'Null where nothing can be said.' }),
				found: z.string(),
				factors: z.array(z.object({ name: z.string(), alone: share.nullable(), total: share })),
			}),
		},
		async ({ context, parameters, query }) => {
			const { store } = context.services;
			const { id } = await store.getSweep(parameters.id);
			const result = await sweepSensitivity(store, id, query.output);
			return {
				says: sensitivitySentence(result, query.output),
				basis: result.isKnown ? result.basis : null,
				found: sensitivityBasis(result),
				factors: result.isKnown ? result.factors.map((factor) => ({ ...factor })) : [],
			};
		},
	);
}
