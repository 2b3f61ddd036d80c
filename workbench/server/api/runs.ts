/** Runs and sweeps over HTTP: start, watch, stop, repeat, compare, take away. */
import { compareRuns, type ExportFormat, exportFormat, exportRuns, prepareRun, type Run } from '@assay/runs';
import { z } from '@hono/zod-openapi';
import { HttpError } from '../http/problem.ts';
import type { RequestContext } from '../request-context.ts';
import { requireRights } from '../run-rights.ts';
import type { Api } from './api.ts';
import { queryInteger, run, wholeRun } from './schemas.ts';
import { RUN_STATES } from './selection.ts';
import { sweepOperations } from './sweeps.ts';

const runId = z.object({ id: z.string().max(40) });
const seed = z.int().min(0).max(4_294_967_295).default(0);

/** What an answer's schema does not name, such as who started a run, is left out of it. */
async function wholeDocument({ services }: RequestContext, one: Run): Promise<z.input<typeof wholeRun>> {
	const artifacts = await services.store.artifacts(one.id);
	return { ...one, log: [...one.log], artifacts };
}

export function runOperations(api: Api): void {
	api.operation(
		{
			method: 'get',
			path: '/runs',
			tag: 'Runs',
			summary: 'Runs, newest first',
			query: z.object({
				system: z.string().max(100).optional(),
				status: z.enum(RUN_STATES).optional(),
				sweep: z.string().max(40).optional(),
				limit: queryInteger({ min: 1, max: 200, default: 50 }),
				cursor: z
					.string()
					.regex(/^\d{1,9}$/, 'a cursor that an answer gave')
					.optional(),
			}),
			answer: z.object({ runs: z.array(run), cursor: z.string().nullable() }),
		},
		async ({ context, query: { system, status, sweep, limit, cursor } }) => {
			const offset = cursor === undefined ? 0 : Number(cursor);
			const filter = {
				...(system !== undefined && { system }),
				...(status !== undefined && { status }),
				...(sweep !== undefined && { sweep }),
			};
			const found = await context.services.store.list({ ...filter, limit: limit + 1, offset });
			return { runs: found.slice(0, limit), cursor: found.length > limit ? String(offset + limit) : null };
		},
	);
	api.operation(
		{
			method: 'post',
			path: '/runs',
			tag: 'Runs',
			summary: 'Run a system; files are named by what an upload gave',
			limit: 'run',
			status: 202,
			body: z
				.object({ system: z.string().max(100), inputs: z.unknown().default({}), seed })
				.openapi({ example: { system: 'daq-model', inputs: { l1tRatio: 100 }, seed: 0 } }),
			answer: run,
		},
		async ({ context, visitor, body }) => {
			const { store, queue } = context.services;
			return queue.add(await prepareRun(store, { ...body, folder: null }), visitor.id);
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/runs/{id}',
			tag: 'Runs',
			summary: 'One run, whole',
			parameters: runId,
			names: 'run',
			answer: wholeRun,
		},
		async ({ context, parameters }) => wholeDocument(context, await context.services.store.get(parameters.id)),
	);
	const acts = [
		{ act: 'cancel', summary: 'Stop a run' },
		{ act: 'resume', summary: 'Work again on a run that ended without a result' },
		{ act: 'repeat', summary: 'Run the same inputs and seed again' },
	] as const;
	for (const { act, summary } of acts) {
		api.operation(
			{
				method: 'post',
				path: `/runs/{id}/${act}`,
				tag: 'Runs',
				summary,
				parameters: runId,
				names: 'run',
				limit: 'run',
				status: 202,
				answer: run,
			},
			async ({ context, visitor, parameters }) => {
				const { store, queue } = context.services;
				const one = await store.get(parameters.id);
				if (act === 'repeat')
					return queue.add({ system: one.system, version: one.version, seed: one.seed, inputs: one.inputs }, visitor.id);
				requireRights(visitor, one);
				if (act === 'resume') return queue.resume(one.id);
				if (!(await queue.cancel(one.id))) throw new HttpError(409, `Run ${one.id} is not at work here: it is ${one.status}.`);
				return store.get(one.id);
			},
		);
	}
	api.operation(
		{
			method: 'delete',
			path: '/runs/{id}',
			tag: 'Runs',
			summary: 'Delete a run and its files',
			parameters: runId,
			names: 'run',
			answer: z.object({ deleted: z.string() }),
		},
		async ({ context, visitor, parameters }) => {
			const { id, userId } = await context.services.store.get(parameters.id);
			requireRights(visitor, { userId });
			await context.services.store.remove(id);
			return { deleted: id };
		},
	);
	const figure = z.object({
		path: z.string(),
		values: z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])),
		differs: z.boolean(),
		ratio: z.number().nullable(),
	});
	api.operation(
		{
			method: 'get',
			path: '/compare',
			tag: 'Runs',
			summary: 'Two or more runs figure by figure',
			query: z.object({ runs: z.string().max(400).openapi({ description: 'Identifiers, separated by commas.' }) }),
			answer: z.object({ runs: z.array(run), inputs: z.array(figure), outputs: z.array(figure) }),
		},
		async ({ context, query }) => {
			const runs = await Promise.all(
				query.runs
					.split(',')
					.slice(0, 10)
					.map((id) => context.services.store.get(id.trim())),
			);
			const { inputs, outputs } = compareRuns(runs);
			const plain = (figures: typeof inputs) => figures.map((one) => ({ ...one, values: [...one.values] }));
			return { runs: runs, inputs: plain(inputs), outputs: plain(outputs) };
		},
	);
	sweepOperations(api);
}

const FORMATS: Readonly<Record<ExportFormat, string>> = {
	csv: 'text/csv; charset=utf-8',
	jsonl: 'application/jsonl',
	json: 'application/json',
	parquet: 'application/vnd.apache.parquet',
};

/** Runs as a file, in the format a query names, written while it is sent. */
export function exportResponse(batches: () => AsyncIterable<readonly Run[]>, format: string | undefined, name: string): Response {
	const wanted = exportFormat(format ?? 'csv', 'format');
	const headers = { 'content-type': FORMATS[wanted], 'content-disposition': `attachment; filename="${name}.${wanted}"` };
	const chunks = exportRuns(batches, wanted);
	const body = new ReadableStream<Uint8Array>({
		pull: async (controller) => {
			const { done, value } = await chunks.next();
			if (done === true) controller.close();
			else controller.enqueue(value);
		},
		cancel: async () => void (await chunks.return(undefined)),
	});
	return new Response(body, { headers });
}
