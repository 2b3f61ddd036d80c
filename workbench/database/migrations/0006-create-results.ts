import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** The figures of sweeps by column, in blocks of runs, so that a hundred thousand runs are sorted without reading them. */
export const createResults: Migration = {
	async up(database: Kysely<unknown>) {
		await database.schema.createIndex('runs_by_place').on('runs').columns(['sweep', 'position', 'status']).execute();
		await database.schema
			.createTable('result_blocks')
			.addColumn('sweep', 'text', (column) => column.notNull().references('sweeps.id').onDelete('cascade'))
			.addColumn('block', 'integer', (column) => column.notNull())
			.addColumn('stamp', 'text', (column) => column.notNull())
			.addColumn('positions', 'text', (column) => column.notNull())
			.addPrimaryKeyConstraint('result_blocks_key', ['sweep', 'block'])
			.execute();
		await database.schema
			.createTable('result_columns')
			.addColumn('sweep', 'text', (column) => column.notNull().references('sweeps.id').onDelete('cascade'))
			.addColumn('path', 'text', (column) => column.notNull())
			.addColumn('block', 'integer', (column) => column.notNull())
			.addColumn('place', 'integer', (column) => column.notNull())
			.addColumn('cells', 'text', (column) => column.notNull())
			.addColumn('first', 'text', (column) => column.notNull())
			.addColumn('varies', 'integer', (column) => column.notNull())
			.addColumn('numbers', 'integer', (column) => column.notNull())
			.addColumn('others', 'integer', (column) => column.notNull())
			.addPrimaryKeyConstraint('result_columns_key', ['sweep', 'path', 'block'])
			.execute();
		// What says of each column whether it varies is read without its cells.
		await database.schema
			.createIndex('result_columns_kinds')
			.on('result_columns')
			.columns(['sweep', 'path', 'place', 'varies', 'numbers', 'others', 'first'])
			.execute();
	},
};
