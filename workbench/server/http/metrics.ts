/** Counts of what the server does, in Prometheus' text format. */
import type { MiddlewareHandler } from 'hono';
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { AppEnvironment } from '../request-context.ts';
import type { Services } from '../services.ts';

export class Metrics {
	private readonly registry = new Registry();
	private readonly requests = new Counter({
		name: 'assay_http_requests_total',
		help: 'Requests by method and status.',
		labelNames: ['method', 'status'],
		registers: [this.registry],
	});
	private readonly seconds = new Histogram({
		name: 'assay_http_request_seconds',
		help: 'Time to answer.',
		labelNames: ['kind'],
		buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5],
		registers: [this.registry],
	});
	private readonly runs = new Gauge({
		name: 'assay_runs',
		help: 'Runs that wait or are worked on.',
		labelNames: ['state'],
		registers: [this.registry],
	});

	constructor() {
		collectDefaultMetrics({ register: this.registry });
	}

	get mediaType(): string {
		return this.registry.contentType;
	}

	/** Counts every request; the kind is the first part of its path, so that the number of series stays small. */
	count(): MiddlewareHandler<AppEnvironment> {
		return async (c, next) => {
			const done = this.seconds.startTimer({ kind: kindOf(c.req.path) });
			await next();
			done();
			this.requests.inc({ method: c.req.method, status: c.res.status });
		};
	}

	async text({ queue }: Services): Promise<string> {
		const { waiting, working } = queue.load();
		this.runs.set({ state: 'waiting' }, waiting);
		this.runs.set({ state: 'working' }, working);
		return this.registry.metrics();
	}
}

const KINDS = new Set(['api', 'assets', 'feeds', 'papers', 'runs', 'systems', 'search']);

function kindOf(path: string): string {
	const first = path.split('/')[1] ?? '';
	return KINDS.has(first) ? first : 'page';
}
