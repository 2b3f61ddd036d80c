/** What the API's documents look like. */
import { z } from '@hono/zod-openapi';

const link = z.object({ slug: z.string(), name: z.string() });

export const paper = z
	.object({
		slug: z.string(),
		title: z.string(),
		summary: z.string().nullable().openapi({ description: 'Two sentences of ours.' }),
		abstract: z.string().nullable().openapi({ description: 'The authors’; null until it was imported.' }),
		arxivId: z.string().nullable(),
		doi: z.string().nullable(),
		publishedOn: z.string().nullable().openapi({ format: 'date' }),
		listedOn: z.string().nullable().openapi({ format: 'date' }),
		authorsCount: z.int().nullable(),
		authors: z.array(link),
		organisations: z.array(link),
		tags: z.array(link),
		votes: z.int(),
		comments: z.int(),
		commentsElsewhere: z.int().nullable(),
		upvotesElsewhere: z.int().nullable(),
		links: z.record(z.string(), z.string()),
		updatedAt: z.string().openapi({ format: 'date-time' }),
		url: z.string(),
		runnable: z.boolean().openapi({ description: 'True if a system of the workbench runs this paper.' }),
	})
	.openapi('Paper');

export const run = z
	.object({
		id: z.string(),
		system: z.string(),
		version: z.int(),
		seed: z.int(),
		status: z.enum(['queued', 'running', 'done', 'failed', 'stopped', 'interrupted']),
		headline: z.string().nullable(),
		progress: z.number().openapi({ description: 'Fraction from 0 to 1.' }),
		note: z.string(),
		sweep: z.string().nullable(),
		position: z.int().nullable(),
		createdAt: z.string(),
		startedAt: z.string().nullable(),
		endedAt: z.string().nullable(),
		error: z.string().nullable(),
	})
	.openapi('Run');

export const artifact = z
	.object({ name: z.string(), mediaType: z.string(), sha256: z.string(), bytes: z.int() })
	.openapi('Artifact');

export const wholeRun = run
	.extend({
		inputs: z.unknown(),
		outputs: z.unknown(),
		environment: z.unknown(),
		log: z.array(z.object({ level: z.enum(['info', 'warning']), message: z.string() })),
		artifacts: z.array(artifact),
	})
	.openapi('WholeRun');

export const claim = z
	.object({
		system: z.string(),
		id: z.string(),
		says: z.string(),
		published: z.object({ value: z.number(), unit: z.string(), where: z.string() }),
		ours: z.number().nullable(),
		error: z
			.number()
			.nullable()
			.openapi({ description: 'In the terms of the tolerance: the claim’s unit if absolute, else a fraction.' }),
		tolerance: z.unknown(),
		evidence: z.enum(['simulated', 'measured', 'gpu', 'quoted']),
		verdict: z.enum(['reproduced', 'off', 'quoted', 'skipped']),
		comment: z.string().nullable(),
		measuredAt: z.string().nullable().openapi({ description: 'Null where the figure is the one in the system’s README.' }),
	})
	.openapi('Claim');

export const systemCard = z
	.object({
		slug: z.string(),
		title: z.string(),
		question: z.string(),
		domain: z.string(),
		version: z.int(),
		paper: z.object({
			title: z.string(),
			arxiv: z.string(),
			year: z.int(),
			authors: z.array(z.string()),
			venue: z.string().optional(),
			code: z.string().optional(),
		}),
		runsOn: z.enum(['anywhere', 'node']),
		limits: z
			.object({ seconds: z.number(), bytes: z.number() })
			.openapi({ description: 'What one run may use on a shared worker: time, and resident memory of its process.' }),
	})
	.openapi('System');

export const comment = z
	.object({
		id: z.int(),
		parentId: z.int().nullable(),
		depth: z.int(),
		state: z.enum(['visible', 'pending', 'hidden', 'deleted']),
		author: z.string().nullable(),
		html: z.string().nullable().openapi({ description: 'Sanitised; null where it is deleted or hidden.' }),
		createdAt: z.string(),
		editedAt: z.string().nullable(),
		up: z.int(),
		down: z.int(),
	})
	.openapi('Comment');

/** A number in a query, which arrives as text. */
export const queryInteger = (options: { readonly min: number; readonly max: number; readonly default: number }) =>
	z.coerce.number().int().min(options.min).max(options.max).default(options.default);

export const day = z.string().regex(/^\d{4}-\d{2}-\d{2}$/, 'a day such as 2025-12-26');
