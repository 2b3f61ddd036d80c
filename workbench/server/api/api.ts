/**
 * Operations of the REST API: each is declared once with its schemas, and from that come its check of what was sent, its
 * place in the OpenAPI document, its entity tag, its limits and the token it asks for.
 */
import { parseOrExplain } from '@assay/contract';
import type { LimitKind, User } from '@assay/feed';
import { OpenAPIHono, type RouteConfig, z } from '@hono/zod-openapi';
import { conditional } from '../http/conditional.ts';
import { readJson } from '../http/json-body.ts';
import { takeFromBudget } from '../http/limit.ts';
import { aboutAddress, HttpError } from '../http/problem.ts';
import type { AppEnvironment, RequestContext } from '../request-context.ts';

type Shape = z.ZodObject;
const nothing = z.object({});

interface Declaration<Parameters extends Shape, Query extends Shape, Body extends z.ZodType, Answer extends z.ZodType> {
	readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
	/** Below `/api/v1`, with parameters in braces. */
	readonly path: string;
	readonly tag: string;
	readonly summary: string;
	readonly parameters?: Parameters;
	readonly query?: Query;
	readonly body?: Body;
	readonly answer: Answer;
	/** Status of success: 200 unless told. */
	readonly status?: 200 | 201 | 202;
	/** By what errors call the thing that the path names, for example `run`: those are 404. */
	readonly names?: string;
	/** Whose budget a request comes out of; `read` unless told. Null where the operation takes from one itself. */
	readonly limit?: LimitKind | null;
	/** Whether a token or a session is needed; for everything that changes something unless told. */
	readonly needsVisitor?: boolean;
}

interface Given<Parameters extends Shape, Query extends Shape, Body extends z.ZodType> {
	readonly context: RequestContext;
	readonly parameters: z.output<Parameters>;
	readonly query: z.output<Query>;
	readonly body: z.output<Body>;
	/** The one who asks; only where a visitor is needed. */
	readonly visitor: User;
}

const BASE = '/api/v1';

export class Api {
	readonly app = new OpenAPIHono<AppEnvironment>();

	constructor() {
		this.app.openAPIRegistry.registerComponent('securitySchemes', 'token', {
			type: 'http',
			scheme: 'bearer',
			description: 'A token made on the page Settings.',
		});
	}

	/** Declares an operation and how it is answered. */
	operation<
		Parameters extends Shape = typeof nothing,
		Query extends Shape = typeof nothing,
		Body extends z.ZodType = z.ZodUndefined,
		Answer extends z.ZodType = z.ZodType,
	>(
		declaration: Declaration<Parameters, Query, Body, Answer>,
		respond: (given: Given<Parameters, Query, Body>) => Promise<z.input<Answer>>,
	): void {
		const { method, path, query, parameters, body, names, status = 200, limit = 'read' } = declaration;
		const needsVisitor = declaration.needsVisitor ?? method !== 'get';
		this.app.openAPIRegistry.registerPath(routeOf(declaration, needsVisitor, status));
		this.app.on(method.toUpperCase(), BASE + path.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
			const context = c.get('context');
			if (limit !== null) takeFromBudget(context, limit);
			const visitor = needsVisitor ? requireVisitor(context) : context.visitor;
			const given = {
				context,
				parameters: parametersOf(parameters ?? nothing, c.req.param()),
				query: parseOrExplain(query ?? nothing, c.req.query()),
				body: body === undefined ? undefined : parseOrExplain(body, await readJson(c.req.raw)),
				visitor,
			};
			// Checked just above: the visitor is there where one is needed, and each part was parsed by the schema of its type.
			const answer = await respond(given as Given<Parameters, Query, Body>).catch((error: unknown) => {
				throw names === undefined ? error : aboutAddress(error, names);
			});
			const text = JSON.stringify(declaration.answer.parse(answer));
			if (method === 'get')
				return conditional(c.req.raw, text, {
					...JSON_TYPE,
					'cache-control': 'private, no-cache',
					vary: 'cookie, authorization',
				});
			return new Response(text, { status, headers: JSON_TYPE });
		});
	}

	/** The OpenAPI 3.1 document. */
	document(origin: string) {
		return this.app.getOpenAPI31Document({
			openapi: '3.1.0',
			info: {
				title: 'Assay',
				version: '1',
				description:
					'Errors are problem documents (RFC 9457). Numbers carry their unit in their name or their description. Lists are paged by `cursor`.',
				license: { name: 'MIT' },
			},
			servers: [{ url: origin }],
		});
	}
}

const JSON_TYPE = { 'content-type': 'application/json' };

function requireVisitor({ visitor }: RequestContext): User {
	if (visitor === null) throw new HttpError(401, 'This needs a token or a session.', { 'www-authenticate': 'Bearer' });
	return visitor;
}

/** What the path names; what cannot be a name of anything names nothing. */
function parametersOf<Parameters extends Shape>(
	schema: Parameters,
	brought: Readonly<Record<string, string>>,
): z.output<Parameters> {
	const parsed = schema.safeParse(brought);
	if (!parsed.success) throw new HttpError(404, 'There is nothing of that name.');
	return parsed.data;
}

export const problem = z
	.object({
		type: z.string(),
		title: z.string(),
		status: z.int(),
		detail: z.string(),
		path: z.array(z.union([z.string(), z.number()])).optional(),
		found: z.string().optional(),
		expected: z.string().optional(),
		nearest: z.string().optional(),
	})
	.openapi('Problem');

function routeOf(
	{ method, path, tag, summary, parameters, query, body, answer }: Declaration<Shape, Shape, z.ZodType, z.ZodType>,
	needsVisitor: boolean,
	status: number,
): RouteConfig {
	return {
		method,
		path: BASE + path,
		tags: [tag],
		summary,
		request: {
			...(parameters !== undefined && { params: parameters }),
			...(query !== undefined && { query }),
			...(body !== undefined && { body: { required: true, content: { 'application/json': { schema: body } } } }),
		},
		responses: {
			[status]: { description: 'Done.', content: { 'application/json': { schema: answer } } },
			default: { description: 'What went wrong.', content: { 'application/problem+json': { schema: problem } } },
		},
		...(needsVisitor && { security: [{ token: [] }] }),
	};
}
