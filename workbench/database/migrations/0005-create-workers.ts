import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Sweeps that are worked off by many processes, and those processes. */
export const createWorkers: Migration = {
	async up(database: Kysely<unknown>) {
		await database.schema
			.alterTable('sweeps')
			.addColumn('executor', 'text', (column) => column.notNull().defaultTo('local'))
			.execute();
		await database.schema
			.alterTable('sweeps')
			.addColumn('priority', 'integer', (column) => column.notNull().defaultTo(0))
			.execute();
		await database.schema.alterTable('sweeps').addColumn('stopped_at', 'text').execute();
		await database.schema
			.createTable('workers')
			.addColumn('id', 'text', (column) => column.primaryKey())
			.addColumn('host', 'text', (column) => column.notNull())
			.addColumn('process', 'integer', (column) => column.notNull())
			.addColumn('hands', 'integer', (column) => column.notNull())
			.addColumn('systems', 'text')
			.addColumn('refusals', 'text', (column) => column.notNull())
			.addColumn('started_at', 'text', (column) => column.notNull())
			.addColumn('heartbeat_at', 'text', (column) => column.notNull())
			.addColumn('finished', 'integer', (column) => column.notNull())
			.execute();
	},
};
