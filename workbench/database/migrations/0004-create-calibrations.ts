import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Errors of predictions against published measurements; and runs found again by what they were asked. */
export const createCalibrations: Migration = {
	async up(database: Kysely<unknown>) {
		await database.schema
			.createTable('calibrations')
			.addColumn('system', 'text', (column) => column.notNull())
			.addColumn('version', 'integer', (column) => column.notNull())
			.addColumn('against', 'text', (column) => column.notNull())
			.addColumn('points', 'integer')
			.addColumn('mean', 'double precision')
			.addColumn('worst', 'double precision')
			.addColumn('reason', 'text')
			.addColumn('measured_at', 'text', (column) => column.notNull())
			.addPrimaryKeyConstraint('calibrations_key', ['system', 'version', 'against'])
			.execute();
		await database.schema.createIndex('runs_by_system').on('runs').columns(['system', 'status', 'created_at']).execute();
	},
};
