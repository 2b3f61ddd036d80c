/** How the OpenAPI document describes what is not JSON on both sides; `files.ts` and `run-events.ts` answer it. */
import { EXPORT_FORMATS } from '@assay/runs';
import { type RouteConfig, z } from '@hono/zod-openapi';
import { type Api, problem } from './api.ts';
import { selectionQuery } from './selection.ts';

const run = z.object({ id: z.string() });
const format = z.object({ format: z.enum(EXPORT_FORMATS).default('csv') });
const bytes = z.string().openapi({ format: 'binary' });
const text = z.string();
const table = {
	'text/csv': { schema: text },
	'application/jsonl': { schema: text },
	'application/json': { schema: z.array(z.record(z.string(), z.unknown())) },
	'application/vnd.apache.parquet': { schema: bytes },
};

interface Description {
	readonly path: string;
	readonly tag: string;
	readonly summary: string;
	readonly request: RouteConfig['request'];
	readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

const reads: readonly Description[] = [
	{
		path: '/runs/{id}/events',
		tag: 'Runs',
		summary: 'Progress, log and state of a run as they happen (server-sent events)',
		request: { params: run },
		content: { 'text/event-stream': { schema: text } },
	},
	{
		path: '/runs/{id}/artifacts/{name}',
		tag: 'Runs',
		summary: 'A file that a run made',
		request: { params: run.extend({ name: z.string() }) },
		content: { '*/*': { schema: bytes } },
	},
	{
		path: '/runs/{id}/report.html',
		tag: 'Runs',
		summary: 'The report of a run as one page without script',
		request: { params: run },
		content: { 'text/html': { schema: text } },
	},
	{
		path: '/runs/{id}/export',
		tag: 'Runs',
		summary: 'Inputs and outputs of a run as a table of one row',
		request: { params: run, query: format },
		content: table,
	},
	{
		path: '/sweeps/{id}/export',
		tag: 'Sweeps',
		summary: 'Inputs and outputs of a sweep as a table, a row for each run that is asked for, in the order asked for',
		request: { params: run, query: format.extend(selectionQuery.shape) },
		content: table,
	},
	{
		path: '/data/{name}',
		tag: 'Runs',
		summary: 'A public data set by name, fetched first if need be; needs a token or a session',
		request: { params: z.object({ name: z.string() }) },
		content: { '*/*': { schema: bytes } },
	},
];

export function describeFiles({ app }: Api): void {
	const failed = { description: 'What went wrong.', content: { 'application/problem+json': { schema: problem } } };
	for (const { path, tag, summary, request, content } of reads) {
		app.openAPIRegistry.registerPath({
			method: 'get',
			path: `/api/v1${path}`,
			tags: [tag],
			summary,
			...(request !== undefined && { request }),
			responses: { 200: { description: 'Done.', content }, default: failed },
		});
	}
	const kept = z.object({ reference: z.string().openapi({ description: 'Stands for the file in inputs.' }), bytes: z.int() });
	app.openAPIRegistry.registerPath({
		method: 'post',
		path: '/api/v1/uploads',
		tags: ['Runs'],
		summary: 'Keep a file for the inputs of runs',
		security: [{ token: [] }],
		request: {
			body: { required: true, content: { 'multipart/form-data': { schema: z.object({ file: bytes }) } } },
		},
		responses: { 201: { description: 'Done.', content: { 'application/json': { schema: kept } } }, default: failed },
	});
}
