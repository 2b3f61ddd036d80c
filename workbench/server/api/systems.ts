/** Systems with their schemas, claims, machines and models. */
import { catalog, findSystem } from '@assay/catalog';
import { jsonSchema } from '@assay/contract';
import { catalogueWith, clusterTotals } from '@assay/machines';
import { decodeBytes, findModel, kvBytesPerToken, listModels, parameterCount, weightBytes } from '@assay/models';
import { knownClaims, measurableClaims } from '@assay/runs';
import { z } from '@hono/zod-openapi';
import type { RequestContext } from '../request-context.ts';
import type { Api } from './api.ts';
import { claim, systemCard } from './schemas.ts';

const named = (example: string) => z.object({ name: z.string().max(200).openapi({ example }) });
const slug = z.object({ slug: z.string().max(100).openapi({ example: 'daq-model' }) });

async function claimsOf({ services }: RequestContext, name: string): Promise<z.input<typeof claim>[]> {
	return (await knownClaims(services.store, findSystem(name))).map((known) => ({ system: name, ...known }));
}

export function systemOperations(api: Api): void {
	api.operation(
		{
			method: 'get',
			path: '/systems',
			tag: 'Systems',
			summary: 'The systems that can be run',
			answer: z.object({ systems: z.array(systemCard) }),
		},
		async () => ({
			systems: catalog.map((entry) => structuredClone(entry.card) as z.input<typeof systemCard>),
		}),
	);
	api.operation(
		{
			method: 'get',
			path: '/systems/{slug}',
			tag: 'Systems',
			summary: 'One system: its examples, and its inputs and outputs as JSON Schema with units',
			parameters: slug,
			names: 'system',
			answer: z.object({
				system: systemCard,
				examples: z.array(z.object({ name: z.string(), says: z.string(), inputs: z.unknown() })),
				inputs: z.record(z.string(), z.unknown()),
				outputs: z.record(z.string(), z.unknown()),
			}),
		},
		async ({ parameters }) => {
			const { card, load } = findSystem(parameters.slug);
			const system = await load();
			return {
				system: structuredClone(card) as z.input<typeof systemCard>,
				examples: system.examples.map(({ name, says, inputs }) => ({ name, says, inputs })),
				inputs: jsonSchema(system.inputs),
				outputs: jsonSchema(system.outputs, 'output'),
			};
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/systems/{slug}/claims',
			tag: 'Claims',
			summary: 'The claims of one system, ours beside theirs',
			parameters: slug,
			names: 'system',
			answer: z.object({ claims: z.array(claim) }),
		},
		async ({ context, parameters }) => ({ claims: await claimsOf(context, parameters.slug) }),
	);
	api.operation(
		{
			method: 'post',
			path: '/systems/{slug}/claims/measure',
			tag: 'Claims',
			summary: 'Measure the claims of a system again, in the background: those that take seconds, or all',
			parameters: slug,
			names: 'system',
			limit: 'run',
			status: 202,
			body: z.object({ which: z.enum(['quick', 'all']) }).openapi({ example: { which: 'quick' } }),
			answer: z.object({ started: z.boolean().openapi({ description: 'False if it was under way already.' }) }),
		},
		async ({ context, parameters, body }) => {
			const { card, load } = findSystem(parameters.slug);
			const claims = measurableClaims(await load(), body.which);
			return { started: context.services.queue.measureClaims(card.slug, claims) };
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/claims',
			tag: 'Claims',
			summary: 'All claims of all systems',
			answer: z.object({ claims: z.array(claim) }),
		},
		async ({ context }) => ({
			claims: (await Promise.all(catalog.map((entry) => claimsOf(context, entry.card.slug)))).flat(),
		}),
	);
	api.operation(
		{
			method: 'get',
			path: '/machines',
			tag: 'Catalogue',
			summary: 'Devices and clusters',
			answer: z.object({ devices: z.array(z.unknown()), clusters: z.array(z.unknown()) }),
		},
		async () => {
			const catalogue = catalogueWith({ devices: [], clusters: [] });
			return { devices: [...catalogue.listDevices()], clusters: [...catalogue.listClusters()] };
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/machines/{name}',
			tag: 'Catalogue',
			summary: 'One machine with its totals and sources',
			parameters: named('dgx-a100'),
			names: 'machine',
			answer: z.object({ machine: z.unknown() }),
		},
		async ({ parameters }) => {
			const cluster = catalogueWith({ devices: [], clusters: [] }).resolveMachine(parameters.name);
			return { machine: { ...cluster, totals: clusterTotals(cluster) } };
		},
	);
	api.operation(
		{
			method: 'get',
			path: '/models',
			tag: 'Catalogue',
			summary: 'The zoo of models',
			answer: z.object({ models: z.array(z.unknown()) }),
		},
		async () => ({
			models: listModels().map(({ name, source }) => {
				const model = findModel(name);
				const count = parameterCount(model);
				return {
					name,
					family: model.family,
					source,
					parameters: count.total,
					activeParameters: count.activePerToken,
					weightBytes: weightBytes(model),
				};
			}),
		}),
	);
	api.operation(
		{
			method: 'get',
			path: '/models/{name}',
			tag: 'Catalogue',
			summary: 'One model with its figures',
			parameters: named('gpt2'),
			names: 'model',
			answer: z.object({ model: z.unknown() }),
		},
		async ({ parameters }) => {
			const model = findModel(parameters.name);
			const serving = model.causal
				? { keyValueBytesPerToken: kvBytesPerToken(model), decodeBytes: decodeBytes(model, Math.min(1024, model.contextTokens)) }
				: {};
			return { model: { ...model, figures: { parameters: parameterCount(model), weightBytes: weightBytes(model), ...serving } } };
		},
	);
}
