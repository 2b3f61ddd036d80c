import { type CreateTableBuilder, type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { Engine } from '../engine.ts';

/** Papers and where each of their fields came from, people, what they say and run, subscriptions and what was sent. */
export function createFeed(engine: Engine): Migration {
	const blob = engine === 'sqlite' ? ('blob' as const) : ('bytea' as const);
	const withId = <Table extends string>(builder: CreateTableBuilder<Table>) =>
		engine === 'sqlite'
			? builder.addColumn('id', 'integer', (column) => column.primaryKey().autoIncrement())
			: builder.addColumn('id', 'integer', (column) => column.primaryKey().generatedAlwaysAsIdentity());
	return {
		async up(database: Kysely<unknown>) {
			const { schema } = database;
			await withId(schema.createTable('organisations'))
				.addColumn('slug', 'text', (column) => column.notNull().unique())
				.addColumn('name', 'text', (column) => column.notNull())
				.addColumn('verified', 'integer', (column) => column.notNull().defaultTo(0))
				.execute();
			await withId(schema.createTable('users'))
				.addColumn('handle', 'text', (column) => column.notNull().unique())
				.addColumn('email_hash', 'text', (column) => column.unique())
				.addColumn('email_encrypted', 'text')
				.addColumn('role', 'text', (column) => column.notNull())
				.addColumn('organisation_id', 'integer', (column) => column.references('organisations.id').onDelete('set null'))
				.addColumn('karma', 'integer', (column) => column.notNull().defaultTo(0))
				.addColumn('preferences', 'text', (column) => column.notNull().defaultTo('{}'))
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addColumn('erased_at', 'text')
				.execute();
			for (const table of ['runs', 'sweeps'])
				await schema
					.alterTable(table)
					.addColumn('user_id', 'integer', (column) => column.references('users.id').onDelete('set null'))
					.execute();
			await withId(schema.createTable('papers'))
				.addColumn('slug', 'text', (column) => column.notNull().unique())
				.addColumn('title', 'text', (column) => column.notNull())
				.addColumn('abstract', 'text')
				.addColumn('summary', 'text')
				.addColumn('arxiv_id', 'text', (column) => column.unique())
				.addColumn('doi', 'text', (column) => column.unique())
				.addColumn('title_key', 'text', (column) => column.notNull())
				.addColumn('published_on', 'text')
				.addColumn('listed_on', 'text')
				.addColumn('authors_count', 'integer')
				.addColumn('comments_elsewhere', 'integer')
				.addColumn('upvotes_elsewhere', 'integer')
				.addColumn('links', 'text', (column) => column.notNull().defaultTo('{}'))
				.addColumn('blemishes', 'text', (column) => column.notNull().defaultTo('[]'))
				.addColumn('hidden', 'integer', (column) => column.notNull().defaultTo(0))
				.addColumn('submitted_by', 'integer', (column) => column.references('users.id').onDelete('set null'))
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addColumn('updated_at', 'text', (column) => column.notNull())
				.execute();
			await schema.createIndex('papers_by_title').on('papers').column('title_key').execute();
			await schema.createIndex('papers_by_listing').on('papers').columns(['listed_on', 'id']).execute();
			await schema
				.createTable('paper_fields')
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('field', 'text', (column) => column.notNull())
				.addColumn('source', 'text', (column) => column.notNull())
				.addColumn('value', 'text', (column) => column.notNull())
				.addColumn('key', 'text')
				.addColumn('at', 'text', (column) => column.notNull())
				.addPrimaryKeyConstraint('paper_fields_key', ['paper_id', 'field', 'source'])
				.execute();
			await schema
				.createIndex('paper_fields_by_key')
				.on('paper_fields')
				.columns(['key', 'field'])
				.where(sql.ref('key'), 'is not', null)
				.execute();
			await schema
				.createTable('listings')
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('listed_on', 'text', (column) => column.notNull())
				.addColumn('position', 'integer', (column) => column.notNull())
				.addColumn('source', 'text', (column) => column.notNull())
				.addColumn('raw', 'text')
				.addPrimaryKeyConstraint('listings_key', ['listed_on', 'source', 'position'])
				.execute();
			await schema.createIndex('listings_by_paper').on('listings').column('paper_id').execute();
			await withId(schema.createTable('authors'))
				.addColumn('slug', 'text', (column) => column.notNull().unique())
				.addColumn('name', 'text', (column) => column.notNull())
				.execute();
			await schema
				.createTable('paper_authors')
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('position', 'integer', (column) => column.notNull())
				.addColumn('author_id', 'integer', (column) => column.notNull().references('authors.id').onDelete('cascade'))
				.addPrimaryKeyConstraint('paper_authors_key', ['paper_id', 'position'])
				.execute();
			await schema.createIndex('paper_authors_by_author').on('paper_authors').column('author_id').execute();
			await schema
				.createTable('paper_organisations')
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('organisation_id', 'integer', (column) => column.notNull().references('organisations.id').onDelete('cascade'))
				.addPrimaryKeyConstraint('paper_organisations_key', ['paper_id', 'organisation_id'])
				.execute();
			await schema
				.createIndex('paper_organisations_by_organisation')
				.on('paper_organisations')
				.column('organisation_id')
				.execute();
			await withId(schema.createTable('tags'))
				.addColumn('slug', 'text', (column) => column.notNull().unique())
				.addColumn('name', 'text', (column) => column.notNull())
				.execute();
			await schema
				.createTable('paper_tags')
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('tag_id', 'integer', (column) => column.notNull().references('tags.id').onDelete('cascade'))
				.addPrimaryKeyConstraint('paper_tags_key', ['paper_id', 'tag_id'])
				.execute();
			await schema.createIndex('paper_tags_by_tag').on('paper_tags').column('tag_id').execute();
			await withId(schema.createTable('merge_candidates'))
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('other_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('similarity', 'double precision', (column) => column.notNull())
				.addColumn('state', 'text', (column) => column.notNull())
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addUniqueConstraint('merge_candidates_once', ['paper_id', 'other_id'])
				.execute();
			await schema
				.createTable('sessions')
				.addColumn('token_hash', 'text', (column) => column.primaryKey())
				.addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addColumn('expires_at', 'text', (column) => column.notNull())
				.execute();
			await schema
				.createTable('login_tokens')
				.addColumn('token_hash', 'text', (column) => column.primaryKey())
				.addColumn('email_hash', 'text', (column) => column.notNull())
				.addColumn('email_encrypted', 'text', (column) => column.notNull())
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addColumn('expires_at', 'text', (column) => column.notNull())
				.addColumn('used_at', 'text')
				.execute();
			await schema
				.createTable('api_tokens')
				.addColumn('token_hash', 'text', (column) => column.primaryKey())
				.addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
				.addColumn('name', 'text', (column) => column.notNull())
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addColumn('last_used_at', 'text')
				.execute();
			await schema
				.createTable('votes')
				.addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('at', 'text', (column) => column.notNull())
				.addColumn('weight', 'double precision', (column) => column.notNull())
				.addColumn('network', 'text')
				.addPrimaryKeyConstraint('votes_key', ['user_id', 'paper_id'])
				.execute();
			await schema.createIndex('votes_by_paper').on('votes').column('paper_id').execute();
			await schema.createIndex('votes_by_time').on('votes').column('at').execute();
			await withId(schema.createTable('comments'))
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('parent_id', 'integer', (column) => column.references('comments.id').onDelete('cascade'))
				.addColumn('depth', 'integer', (column) => column.notNull())
				.addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
				.addColumn('body', 'text', (column) => column.notNull())
				.addColumn('html', 'text', (column) => column.notNull())
				.addColumn('state', 'text', (column) => column.notNull())
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addColumn('edited_at', 'text')
				.addColumn('deleted_at', 'text')
				.execute();
			await schema.createIndex('comments_by_paper').on('comments').columns(['paper_id', 'created_at']).execute();
			await schema.createIndex('comments_by_user').on('comments').column('user_id').execute();
			await schema
				.createTable('comment_votes')
				.addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
				.addColumn('comment_id', 'integer', (column) => column.notNull().references('comments.id').onDelete('cascade'))
				.addColumn('value', 'integer', (column) => column.notNull())
				.addColumn('at', 'text', (column) => column.notNull())
				.addPrimaryKeyConstraint('comment_votes_key', ['user_id', 'comment_id'])
				.execute();
			await schema.createIndex('comment_votes_by_comment').on('comment_votes').column('comment_id').execute();
			await withId(schema.createTable('flags'))
				.addColumn('target_kind', 'text', (column) => column.notNull())
				.addColumn('target_id', 'integer', (column) => column.notNull())
				.addColumn('user_id', 'integer', (column) => column.notNull().references('users.id').onDelete('cascade'))
				.addColumn('reason', 'text', (column) => column.notNull())
				.addColumn('weight', 'double precision', (column) => column.notNull())
				.addColumn('state', 'text', (column) => column.notNull())
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addUniqueConstraint('flags_once', ['target_kind', 'target_id', 'user_id'])
				.execute();
			await withId(schema.createTable('moderation_log'))
				.addColumn('actor_id', 'integer', (column) => column.references('users.id').onDelete('set null'))
				.addColumn('action', 'text', (column) => column.notNull())
				.addColumn('target_kind', 'text', (column) => column.notNull())
				.addColumn('target_id', 'integer', (column) => column.notNull())
				.addColumn('reason', 'text', (column) => column.notNull())
				.addColumn('at', 'text', (column) => column.notNull())
				.execute();
			await schema
				.createTable('subscriptions')
				.addColumn('id', 'text', (column) => column.primaryKey())
				.addColumn('email_hash', 'text', (column) => column.notNull().unique())
				.addColumn('email_encrypted', 'text', (column) => column.notNull())
				.addColumn('state', 'text', (column) => column.notNull())
				.addColumn('topics', 'text', (column) => column.notNull())
				.addColumn('cadence', 'text', (column) => column.notNull())
				.addColumn('confirm_hash', 'text', (column) => column.unique())
				.addColumn('confirm_expires_at', 'text')
				.addColumn('unsubscribe_hash', 'text', (column) => column.unique())
				.addColumn('consent', 'text', (column) => column.notNull())
				.addColumn('requested', 'text')
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addColumn('confirmed_at', 'text')
				.addColumn('last_sent_at', 'text')
				.execute();
			await withId(schema.createTable('deliveries'))
				.addColumn('subscription_id', 'text', (column) => column.notNull().references('subscriptions.id').onDelete('cascade'))
				.addColumn('digest_date', 'text', (column) => column.notNull())
				.addColumn('state', 'text', (column) => column.notNull())
				.addColumn('attempts', 'integer', (column) => column.notNull().defaultTo(0))
				.addColumn('next_attempt_at', 'text', (column) => column.notNull())
				.addColumn('message_id', 'text')
				.addColumn('error', 'text')
				.addColumn('owner', 'text')
				.addColumn('taken_at', 'text')
				.addColumn('created_at', 'text', (column) => column.notNull())
				.addColumn('sent_at', 'text')
				.addUniqueConstraint('deliveries_once', ['subscription_id', 'digest_date'])
				.execute();
			await schema.createIndex('deliveries_by_state').on('deliveries').columns(['state', 'next_attempt_at']).execute();
			await schema
				.createTable('delivery_papers')
				.addColumn('delivery_id', 'integer', (column) => column.notNull().references('deliveries.id').onDelete('cascade'))
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('position', 'integer', (column) => column.notNull())
				.addPrimaryKeyConstraint('delivery_papers_key', ['delivery_id', 'paper_id'])
				.execute();
			await schema
				.createTable('suppressions')
				.addColumn('email_hash', 'text', (column) => column.primaryKey())
				.addColumn('reason', 'text', (column) => column.notNull())
				.addColumn('at', 'text', (column) => column.notNull())
				.execute();
			await schema
				.createTable('embeddings')
				.addColumn('paper_id', 'integer', (column) => column.notNull().references('papers.id').onDelete('cascade'))
				.addColumn('model', 'text', (column) => column.notNull())
				.addColumn('fingerprint', 'text', (column) => column.notNull())
				.addColumn('vector', blob, (column) => column.notNull())
				.addPrimaryKeyConstraint('embeddings_key', ['paper_id', 'model'])
				.execute();
			await withId(schema.createTable('events'))
				.addColumn('kind', 'text', (column) => column.notNull())
				.addColumn('payload', 'text', (column) => column.notNull())
				.addColumn('at', 'text', (column) => column.notNull())
				.execute();
			await schema.createIndex('events_by_kind').on('events').columns(['kind', 'at']).execute();
		},
	};
}
