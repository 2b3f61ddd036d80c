/** Papers in memory while they are changed: what was stored, what their sources say now, and the writing of the difference. */
import type { Database } from '@assay/database';
import type { Transaction } from 'kysely';
import { chunks } from './chunks.ts';
import { type FieldRow, type FieldValues, fieldRow, namesOf, resolveFields, type Shown, type Source, shownOf } from './fields.ts';
import { writeNames } from './name-links.ts';

type Columns = Shown['columns'] & { readonly listed_on: string | null };

export interface PaperState {
	/** Null until the paper is stored. */
	id: number | null;
	/** Empty until a slug is chosen. */
	slug: string;
	readonly stored: { readonly columns: Columns; readonly fields: ReadonlyMap<string, FieldRow>; readonly hidden: number } | null;
	readonly fields: Map<string, FieldRow>;
	listedOn: string | null;
	hidden: number;
	submittedBy: number | null;
}

export type Outcome = 'new' | 'updated' | 'unchanged';

export interface Written {
	/** For each paper, in order. */
	readonly outcomes: readonly Outcome[];
	/** Papers whose arXiv id or DOI is another paper's: it is kept among their fields, but not shown. */
	readonly contested: readonly { readonly state: PaperState; readonly ownerId: number }[];
}

/** A paper of which nothing is stored yet. */
export function newState(): PaperState {
	return {
		id: null,
		slug: '',
		stored: null,
		fields: new Map(),
		listedOn: null,
		hidden: 0,
		submittedBy: null,
	};
}

/** The stored papers with these ids; others are left out. */
export async function loadStates(transaction: Transaction<Database>, ids: Iterable<number>): Promise<Map<number, PaperState>> {
	const states = new Map<number, PaperState>();
	for (const chunk of chunks([...new Set(ids)])) {
		const papers = await transaction.selectFrom('papers').selectAll().where('id', 'in', chunk).execute();
		const rows = await transaction.selectFrom('paper_fields').selectAll().where('paper_id', 'in', chunk).execute();
		const fields = new Map<number, Map<string, FieldRow>>(papers.map(({ id }) => [id, new Map()]));
		for (const { paper_id, ...row } of rows) fields.get(paper_id)?.set(fieldKey(row), row);
		for (const { id, slug, hidden, submitted_by, created_at: _created, updated_at: _updated, ...columns } of papers)
			states.set(id, {
				id,
				slug,
				stored: { columns, fields: fields.get(id) ?? new Map(), hidden },
				fields: new Map(fields.get(id)),
				listedOn: columns.listed_on,
				hidden,
				submittedBy: submitted_by,
			});
	}
	return states;
}

/** Takes over what a source says. A value that is stored already keeps its time. */
export function setFields(state: PaperState, values: FieldValues, source: Source, at: string): void {
	for (const [field, value] of Object.entries(values)) {
		if (value === undefined) continue;
		const row = fieldRow(field, source, value, at);
		const key = fieldKey(row);
		const stored = state.stored?.fields.get(key);
		state.fields.set(key, stored?.value === row.value ? stored : row);
	}
}

/** Writes what differs from what is stored. New papers get their ids. */
export async function writeStates(
	transaction: Transaction<Database>,
	states: readonly PaperState[],
	at: string,
): Promise<Written> {
	const plans = states.map((state) => planOf(state));
	const contested = [
		...(await withholdTaken(transaction, plans, 'arxiv_id')),
		...(await withholdTaken(transaction, plans, 'doi')),
	];
	const outcomes = plans.map((plan) => outcomeOf(plan));
	await insertPapers(transaction, plans, at);
	for (const [index, { state, columns }] of plans.entries()) {
		if (outcomes[index] !== 'updated') continue;
		const change = { ...columns, hidden: state.hidden, updated_at: at };
		await transaction.updateTable('papers').set(change).where('id', '=', idOf(state)).execute();
	}
	await writeFields(transaction, states);
	for (const kind of NAME_KINDS) {
		const changed = plans.filter(({ names, namesBefore }) => !sameNames(names[kind], namesBefore?.[kind] ?? []));
		await writeNames(
			transaction,
			kind,
			changed.map(({ state, names }) => ({ paperId: idOf(state), names: names[kind] })),
		);
	}
	return { outcomes, contested: contested.map(({ state, owner }) => ({ state, ownerId: owner.id ?? 0 })) };
}

type Names = Pick<Shown, 'authors' | 'organisations' | 'tags'>;
const NAME_KINDS = ['authors', 'organisations', 'tags'] as const;

interface Plan {
	readonly state: PaperState;
	readonly columns: { -readonly [Column in keyof Columns]: Columns[Column] };
	readonly names: Names;
	readonly namesBefore: Names | null;
}

function planOf(state: PaperState): Plan {
	const { columns, ...names } = shownOf(resolveFields(state.fields.values()));
	const namesBefore = state.stored === null ? null : namesOf(resolveFields(state.stored.fields.values()));
	return { state, columns: { ...columns, listed_on: state.listedOn }, names, namesBefore };
}

function outcomeOf({ state, columns, names, namesBefore }: Plan): Outcome {
	const { stored } = state;
	if (stored === null || namesBefore === null) return 'new';
	const same =
		state.hidden === stored.hidden &&
		Object.entries(columns).every(([column, value]) => Reflect.get(stored.columns, column) === value) &&
		NAME_KINDS.every((kind) => sameNames(names[kind], namesBefore[kind]));
	return same ? 'unchanged' : 'updated';
}

/** An id belongs to one paper: to the one that has it stored, else to the first here. */
async function withholdTaken(
	transaction: Transaction<Database>,
	plans: readonly Plan[],
	column: 'arxiv_id' | 'doi',
): Promise<{ state: PaperState; owner: { id: number | null } }[]> {
	const owners = new Map<string, { id: number | null }>();
	const wanted = plans.filter(
		({ state, columns }) => columns[column] !== null && columns[column] !== state.stored?.columns[column],
	);
	for (const chunk of chunks(wanted.flatMap(({ columns }) => columns[column] ?? []))) {
		const rows = await transaction.selectFrom('papers').select(['id', 'arxiv_id', 'doi']).where(column, 'in', chunk).execute();
		for (const row of rows) owners.set(row[column] ?? '', { id: row.id });
	}
	return wanted.flatMap(({ state, columns }) => {
		const value = columns[column] ?? '';
		const owner = owners.get(value);
		if (owner === undefined) owners.set(value, state);
		if (owner === undefined || owner === state || (owner.id !== null && owner.id === state.id)) return [];
		columns[column] = null;
		return [{ state, owner }];
	});
}

async function insertPapers(transaction: Transaction<Database>, plans: readonly Plan[], at: string): Promise<void> {
	const bySlug = new Map(plans.filter(({ state }) => state.stored === null).map((plan) => [plan.state.slug, plan]));
	for (const chunk of chunks([...bySlug.values()])) {
		const rows = await transaction
			.insertInto('papers')
			.values(
				chunk.map(({ state, columns }) => ({
					...columns,
					slug: state.slug,
					hidden: state.hidden,
					submitted_by: state.submittedBy,
					created_at: at,
					updated_at: at,
				})),
			)
			.returning(['id', 'slug'])
			.execute();
		for (const { id, slug } of rows) {
			const plan = bySlug.get(slug);
			if (plan !== undefined) plan.state.id = id;
		}
	}
}

async function writeFields(transaction: Transaction<Database>, states: readonly PaperState[]): Promise<void> {
	const changed = states.flatMap((state) =>
		[...state.fields]
			.filter(([key, row]) => state.stored?.fields.get(key) !== row)
			.map(([, row]) => ({ paper_id: idOf(state), ...row })),
	);
	for (const chunk of chunks(changed))
		await transaction
			.insertInto('paper_fields')
			.values(chunk)
			.onConflict((conflict) =>
				conflict.columns(['paper_id', 'field', 'source']).doUpdateSet((eb) => ({
					value: eb.ref('excluded.value'),
					key: eb.ref('excluded.key'),
					at: eb.ref('excluded.at'),
				})),
			)
			.execute();
}

/** The id of a stored paper. */
export function idOf(state: PaperState): number {
	if (state.id === null) throw new Error(`paper ${state.slug} is not stored yet`);
	return state.id;
}

function fieldKey({ field, source }: Pick<FieldRow, 'field' | 'source'>): string {
	return `${field} ${source}`;
}

function sameNames(one: readonly string[], other: readonly string[]): boolean {
	return one.length === other.length && one.every((name, index) => name === other[index]);
}
