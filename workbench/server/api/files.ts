/** What is not JSON: files of runs, reports, exports, uploads, data of sources. */
import { findSystem } from '@assay/catalog';
import { DataUnavailableError, parseInputs } from '@assay/contract';
import { htmlReport } from '@assay/report';
import {
	calibrationLines,
	keepUpload,
	knownCalibration,
	openReference,
	runsAt,
	selectRuns,
	sweepBatches,
	takeInResults,
} from '@assay/runs';
import { findSource, isSourceName } from '@assay/sources';
import { type Context, Hono } from 'hono';
import { stream } from 'hono/streaming';
import { takeFromBudget } from '../http/limit.ts';
import { aboutAddress, HttpError } from '../http/problem.ts';
import type { AppEnvironment } from '../request-context.ts';
import { exportResponse } from './runs.ts';
import { selectionOf } from './selection.ts';

export const fileRoutes = new Hono<AppEnvironment>()
	.get('/api/v1/runs/:id/artifacts/:name', async (c) => {
		const { store, run } = await namedRun(c);
		const artifact = (await store.artifacts(run.id)).find((one) => one.name === c.req.param('name'));
		if (artifact === undefined) throw new HttpError(404, 'This run has no such file.');
		const file = await store.blobs.open(`blob:${artifact.sha256}/${artifact.name}`);
		return streamed(c, file, artifact.mediaType, artifact.name);
	})
	.get('/api/v1/runs/:id/report.html', async (c) => {
		const { run, store } = await namedRun(c);
		if (run.status !== 'done') throw new HttpError(409, `Run ${run.id} is ${run.status}: there is no report.`);
		const system = await findSystem(run.system).load();
		const inputs = parseInputs(system, run.inputs);
		const panels = system.report(system.outputs.parse(run.outputs), inputs);
		const facts = [
			['System', `${system.card.slug} (version ${run.version})`],
			['Seed', String(run.seed)],
			['Run', run.id],
			['Date', run.createdAt],
			...calibrationLines(await knownCalibration(store, findSystem(run.system))).map((line) => ['Trust', line] as const),
		] as const;
		const head = {
			title: system.card.title,
			headline: run.headline ?? '',
			facts,
			command: `npx assay runs repeat ${run.id}`,
			inputs: run.inputs,
		};
		const html = htmlReport(head, panels, (name) => `/api/v1/runs/${run.id}/artifacts/${encodeURIComponent(name)}`);
		// The report brings its own style sheet and those of its plots, and no script at all.
		return new Response(html, {
			headers: {
				'content-type': 'text/html; charset=utf-8',
				'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
				'content-disposition': `inline; filename="${run.id}.html"`,
			},
		});
	})
	.get('/api/v1/runs/:id/export', async (c) => {
		const { run } = await namedRun(c);
		async function* alone() {
			yield [run];
		}
		return exportResponse(alone, c.req.query('format'), run.id);
	})
	.get('/api/v1/sweeps/:id/export', async (c) => {
		const context = c.get('context');
		takeFromBudget(context, 'read');
		const { store } = context.services;
		const { id } = await store.getSweep(c.req.param('id')).catch(about('sweep'));
		const selection = selectionOf(c.req.query());
		const isWhole = selection.where.length === 0 && selection.sort === undefined && selection.status === undefined;
		if (isWhole) return exportResponse(() => sweepBatches(store, id), c.req.query('format'), id);
		if (selection.where.length > 0 || selection.sort !== undefined) await takeInResults(store, id);
		const positions = await selectRuns(store, id, selection);
		return exportResponse(() => runsAt(store, id, positions), c.req.query('format'), id);
	})
	.post('/api/v1/uploads', async (c) => {
		const context = c.get('context');
		if (context.visitor === null) throw new HttpError(401, 'This needs a token or a session.', { 'www-authenticate': 'Bearer' });
		takeFromBudget(context, 'run');
		const form = await c.req.raw.formData().catch(() => null);
		const file = form?.get('file');
		if (!(file instanceof File)) throw new HttpError(415, 'Expected multipart/form-data with a part named file.');
		return c.json(
			{
				reference: await keepUpload(context.services.store.blobs, file, 'file', file.type === '' ? [] : [file.type]),
				bytes: file.size,
			},
			201,
		);
	})
	.get('/api/v1/data/:name', async (c) => {
		const name = c.req.param('name');
		if (!isSourceName(name)) throw new HttpError(404, 'There is no such source.');
		const context = c.get('context');
		takeFromBudget(context, 'read');
		// Asking may make the server download the source: that is for people it knows.
		if (context.visitor === null) throw new HttpError(401, 'This needs a token or a session.', { 'www-authenticate': 'Bearer' });
		const { store } = context.services;
		try {
			return streamed(c, await openReference(name, store.blobs), findSource(name).mediaType, name);
		} catch (error) {
			if (error instanceof DataUnavailableError) throw new HttpError(404, error.message);
			throw error;
		}
	});

async function namedRun(c: Context<AppEnvironment, '/:id'>) {
	const context = c.get('context');
	takeFromBudget(context, 'read');
	const { store } = context.services;
	return { store, run: await store.get(c.req.param('id')).catch(about('run')) };
}

/** Raises what an error about the address is. */
function about(name: string): (error: unknown) => never {
	return (error) => {
		throw aboutAddress(error, name);
	};
}

function streamed(
	c: Context<AppEnvironment>,
	file: { readonly bytes: number; stream(): AsyncIterable<Uint8Array> },
	mediaType: string,
	name: string,
): Response {
	const headers = {
		'content-type': mediaType,
		'content-length': String(file.bytes),
		'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name)}`,
		'cache-control': 'private, max-age=3600',
	};
	if (c.req.method === 'HEAD') return new Response(null, { headers });
	for (const [header, value] of Object.entries(headers)) c.header(header, value);
	return stream(c, async (sink) => {
		for await (const chunk of file.stream()) await sink.write(chunk);
	});
}
