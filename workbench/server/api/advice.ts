/** Advice over HTTP: a question starts the runs that are missing; asking the same again tells what is known by then. */
import {
	type AdviceSoFar,
	adviceSoFar,
	confidenceText,
	type Question,
	questionSchema,
	startMissing,
	subjectOf,
} from '@assay/advise';
import { openReference } from '@assay/runs';
import { z } from '@hono/zod-openapi';
import type { Services } from '../services.ts';
import type { Api } from './api.ts';

/** The same fields, in an object that knows how to describe itself. */
const question = z.strictObject(questionSchema.shape);

const ratio = z.number().optional().openapi({ description: 'With the technique over without it; above 1 is better.' });
const sentence = z.string().optional();

const advice = z
	.object({
		subject: question,
		ranking: z.array(
			z.object({
				system: z.string(),
				verdict: z.enum(['enables', 'pays', 'no difference', 'does not pay']),
				gains: z.object({ latency: ratio, throughput: ratio, memory: ratio, energy: ratio, cost: ratio, quality: ratio }),
				against: z.string(),
				enables: z.string().nullable(),
				costs: z.object({ quality: sentence, hardware: sentence, effort: sentence }),
				confidence: z.object({ level: z.enum(['high', 'medium', 'low', 'unknown']), text: z.string() }),
				run: z.string(),
				headline: z.string(),
				command: z.string(),
				paper: z.object({ title: z.string(), arxiv: z.string() }),
			}),
		),
		notApplicable: z.array(z.object({ system: z.string(), reason: z.string() })),
		pending: z.array(
			z.object({
				system: z.string(),
				run: z.string().nullable(),
				status: z.enum(['missing', 'queued', 'running']),
				progress: z.number(),
			}),
		),
		failed: z.array(z.object({ system: z.string(), run: z.string().nullable(), message: z.string() })),
	})
	.openapi('Advice');

export function adviceOperations(api: Api): void {
	api.operation(
		{
			method: 'get',
			path: '/advice',
			tag: 'Advice',
			summary: 'What is known of a question already; starts nothing',
			query: question,
			answer: advice,
		},
		async ({ context, query }) => documentOf(query, await known(context.services, query)),
	);
	api.operation(
		{
			method: 'post',
			path: '/advice',
			tag: 'Advice',
			summary: 'Ask which techniques pay off: queues the runs that are missing; asked again, it tells what is known by then',
			limit: 'run',
			status: 202,
			body: question.openapi({ example: { model: 'llama-3-8b', machine: '16xh100', goal: 'serve' } }),
			answer: advice,
		},
		async ({ context, visitor, body }) => {
			const { services } = context;
			await startMissing(services.queue, await known(services, body), visitor.id);
			return documentOf(body, await known(services, body));
		},
	);
}

async function known({ store }: Services, question: Question): Promise<AdviceSoFar> {
	return adviceSoFar(store, await subjectOf(question, (reference) => openReference(reference, store.blobs)));
}

/** What an answer's schema does not name is left out of it. */
function documentOf(subject: Question, { ranking, notApplicable, pending, failed }: AdviceSoFar): z.input<typeof advice> {
	return {
		subject,
		ranking: ranking.map(({ confidence, ...item }) => ({
			...item,
			confidence: { level: confidence.level, text: confidenceText(confidence) },
		})),
		notApplicable: [...notApplicable],
		pending: [...pending],
		failed: [...failed],
	};
}
