import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Runs with their artifacts, sweeps, and measured claims. */
export const createRuns: Migration = {
	async up(database: Kysely<unknown>) {
		await database.schema
			.createTable('sweeps')
			.addColumn('id', 'text', (column) => column.primaryKey())
			.addColumn('system', 'text', (column) => column.notNull())
			.addColumn('version', 'integer', (column) => column.notNull())
			.addColumn('specification', 'text', (column) => column.notNull())
			.addColumn('fingerprint', 'text', (column) => column.notNull().unique())
			.addColumn('created_at', 'text', (column) => column.notNull())
			.execute();
		await database.schema
			.createTable('runs')
			.addColumn('id', 'text', (column) => column.primaryKey())
			.addColumn('system', 'text', (column) => column.notNull())
			.addColumn('version', 'integer', (column) => column.notNull())
			.addColumn('seed', 'bigint', (column) => column.notNull())
			.addColumn('inputs', 'text', (column) => column.notNull())
			.addColumn('status', 'text', (column) => column.notNull())
			.addColumn('sweep', 'text', (column) => column.references('sweeps.id').onDelete('cascade'))
			.addColumn('position', 'integer')
			.addColumn('created_at', 'text', (column) => column.notNull())
			.addColumn('started_at', 'text')
			.addColumn('ended_at', 'text')
			.addColumn('progress', 'double precision', (column) => column.notNull().defaultTo(0))
			.addColumn('note', 'text', (column) => column.notNull().defaultTo(''))
			.addColumn('owner', 'text')
			.addColumn('heartbeat_at', 'text')
			.addColumn('outputs', 'text')
			.addColumn('headline', 'text')
			.addColumn('error', 'text')
			.addColumn('environment', 'text')
			.addColumn('log', 'text')
			.addUniqueConstraint('runs_once_per_position', ['sweep', 'position'])
			.addCheckConstraint('runs_status', sql`status in ('queued', 'running', 'done', 'failed', 'stopped', 'interrupted')`)
			.execute();
		await database.schema.createIndex('runs_by_status').on('runs').columns(['status', 'sweep', 'position']).execute();
		await database.schema.createIndex('runs_by_creation').on('runs').column('created_at').execute();
		await database.schema
			.createTable('artifacts')
			.addColumn('run', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
			.addColumn('name', 'text', (column) => column.notNull())
			.addColumn('media_type', 'text', (column) => column.notNull())
			.addColumn('sha256', 'text', (column) => column.notNull())
			.addColumn('bytes', 'bigint', (column) => column.notNull())
			.addPrimaryKeyConstraint('artifacts_key', ['run', 'name'])
			.execute();
		await database.schema
			.createTable('claim_results')
			.addColumn('system', 'text', (column) => column.notNull())
			.addColumn('version', 'integer', (column) => column.notNull())
			.addColumn('claim', 'text', (column) => column.notNull())
			.addColumn('ours', 'double precision')
			.addColumn('verdict', 'text', (column) => column.notNull())
			.addColumn('error', 'double precision')
			.addColumn('seconds', 'double precision', (column) => column.notNull())
			.addColumn('reason', 'text')
			.addColumn('measured_at', 'text', (column) => column.notNull())
			.addColumn('environment', 'text', (column) => column.notNull())
			.addPrimaryKeyConstraint('claim_results_key', ['system', 'version', 'claim'])
			.execute();
	},
};
