/** Which runs of a sweep a query asks for, and in which order. */
import { InputError, show } from '@assay/contract';
import { parseCondition, parseSort, type RunStatus, type Selection } from '@assay/runs';
import { z } from '@hono/zod-openapi';

export const RUN_STATES = [
	'queued',
	'running',
	'done',
	'failed',
	'stopped',
	'interrupted',
] as const satisfies readonly RunStatus[];

/** Most conditions of one query. */
const MOST_CONDITIONS = 20;

export const selectionQuery = z.object({
	status: z.enum(RUN_STATES).optional(),
	where: z.string().max(2000).optional().openapi({
		description:
			'Conditions that all hold, parted by semicolons, as outputs.latencySeconds<=5; relations are <=, >=, <, >, = and !=.',
	}),
	sort: z
		.string()
		.max(200)
		.optional()
		.openapi({ description: 'A setting or figure; with a minus before it the greatest first.' }),
});

/** The selection of a query; empty texts, which forms send for what is not filled in, ask for nothing. Raises an InputError. */
export function selectionOf(query: {
	readonly status?: string | undefined;
	readonly where?: string | undefined;
	readonly sort?: string | undefined;
}): Selection {
	const { status = '', where = '', sort = '' } = query;
	const state = RUN_STATES.find((one) => one === status);
	if (status !== '' && state === undefined)
		throw new InputError({ path: ['status'], found: show(status), expected: `one of ${RUN_STATES.join(', ')}` });
	const conditions = where.split(';').filter((text) => text.trim() !== '');
	if (conditions.length > MOST_CONDITIONS)
		throw new InputError({ path: ['where'], found: `${conditions.length} conditions`, expected: `at most ${MOST_CONDITIONS}` });
	return {
		...(state !== undefined && { status: state }),
		where: conditions.map((text) => parseCondition(text, 'where')),
		...(sort !== '' && { sort: parseSort(sort) }),
	};
}
