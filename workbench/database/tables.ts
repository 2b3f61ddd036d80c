/** What the database holds. Times are ISO 8601 in UTC, days are `YYYY-MM-DD`, yes and no are 1 and 0, structures are JSON text. */
import type { Generated } from 'kysely';

export type RunStatus = 'queued' | 'running' | 'done' | 'failed' | 'stopped' | 'interrupted';

interface RunsTable {
	id: string;
	system: string;
	version: number;
	seed: number;
	/** JSON of the full inputs, defaults filled in, files replaced by blob references. */
	inputs: string;
	status: RunStatus;
	sweep: string | null;
	/** Position within the sweep, from 0. */
	position: number | null;
	created_at: string;
	started_at: string | null;
	ended_at: string | null;
	progress: Generated<number>;
	note: Generated<string>;
	/** `host:process id:random` of the process at work on it, and when that last gave a sign of life. */
	owner: string | null;
	heartbeat_at: string | null;
	outputs: string | null;
	headline: string | null;
	error: string | null;
	environment: string | null;
	log: string | null;
	/** Who started it over the network; null for runs of the command line. */
	user_id: number | null;
}

interface ArtifactsTable {
	run: string;
	name: string;
	media_type: string;
	sha256: string;
	bytes: number;
}

interface SweepsTable {
	id: string;
	system: string;
	version: number;
	/** JSON of the sweep's specification. */
	specification: string;
	/** SHA-256 over system, version and specification: starting the same sweep again finds this one. */
	fingerprint: string;
	created_at: string;
	user_id: number | null;
	/** `local`: whoever started it works on it; `distributed`: workers do. */
	executor: Generated<'local' | 'distributed'>;
	/** Workers take the higher first. */
	priority: Generated<number>;
	/** When workers were told to leave it. */
	stopped_at: string | null;
}

/** Which runs of a sweep the columns of a block hold. Both are derived from `runs` and made again when those change. */
interface ResultBlocksTable {
	sweep: string;
	/** Positions from `block` times the runs of a block on. */
	block: number;
	/** Differs when the block's runs have changed since. */
	stamp: string;
	/** JSON list of the positions, ascending. */
	positions: string;
}

/** One setting or figure of the runs of a block. */
interface ResultColumnsTable {
	sweep: string;
	/** `inputs.` or `outputs.` and the path of the leaf. */
	path: string;
	block: number;
	/** Order of the column among those of its block. */
	place: number;
	/** JSON list of a cell for each run of the block; one cell alone where all are equal. */
	cells: string;
	/** JSON of the cell of the first run that can have one, cut short. */
	first: string;
	/** Whether the cells of runs that can have one differ. */
	varies: number;
	/** How many cells are numbers, and how many are something else. */
	numbers: number;
	others: number;
}

/** Processes that work off distributed sweeps; rows of those that ended are removed, those of the dead grow old. */
interface WorkersTable {
	/** The `owner` of its runs. */
	id: string;
	host: string;
	process: number;
	/** How many runs it works on at once. */
	hands: number;
	/** JSON list of the systems it was restricted to; null if it takes all it has. */
	systems: string | null;
	/** JSON of what it does not take: `[{ system, version, reason }]`. */
	refusals: string;
	started_at: string;
	heartbeat_at: string;
	/** Runs it has finished. */
	finished: number;
}

interface ClaimResultsTable {
	system: string;
	version: number;
	claim: string;
	ours: number | null;
	verdict: string;
	error: number | null;
	seconds: number;
	reason: string | null;
	measured_at: string;
	environment: string;
}

/** Errors of a system's predictions against one set of published measurements; a reason where those were not at hand. */
interface CalibrationsTable {
	system: string;
	version: number;
	against: string;
	points: number | null;
	mean: number | null;
	worst: number | null;
	reason: string | null;
	measured_at: string;
}

/** A paper as it is shown: for each field the value of the source that is trusted most (`paper_fields` keeps them all). */
interface PapersTable {
	id: Generated<number>;
	slug: string;
	title: string;
	/** The authors' abstract, repaired for reading; null until it is imported. */
	abstract: string | null;
	/** Our own two sentences, for papers that come with the product. */
	summary: string | null;
	/** Without version. */
	arxiv_id: string | null;
	doi: string | null;
	/** Title in lower-case letters and digits only. */
	title_key: string;
	published_on: string | null;
	/** The first day it was listed. */
	listed_on: string | null;
	authors_count: number | null;
	/** Comments and upvotes that the source counted on its own page; null where it says nothing. */
	comments_elsewhere: number | null;
	upvotes_elsewhere: number | null;
	/** JSON `{ [kind]: url }`: `code`, `project`, `pdf`, ... */
	links: Generated<string>;
	/** JSON list of what text repair could not mend. */
	blemishes: Generated<string>;
	hidden: Generated<number>;
	submitted_by: number | null;
	created_at: string;
	/** Changes only when what is shown changes. */
	updated_at: string;
}

/** Every value that any source gave for a field of a paper. */
interface PaperFieldsTable {
	paper_id: number;
	field: string;
	source: string;
	/** JSON. */
	value: string;
	/** What else the paper is found by: the key of this source's title, or a slug that it once had; null for other fields. */
	key: string | null;
	at: string;
}

/** A paper's place on a day's page. */
interface ListingsTable {
	paper_id: number;
	listed_on: string;
	position: number;
	source: string;
	/** JSON of the page's own text of this paper, so that the page can be printed again byte for byte; null for other sources. */
	raw: string | null;
}

interface AuthorsTable {
	id: Generated<number>;
	slug: string;
	name: string;
}

interface PaperAuthorsTable {
	paper_id: number;
	position: number;
	author_id: number;
}

interface OrganisationsTable {
	id: Generated<number>;
	slug: string;
	name: string;
	verified: Generated<number>;
}

interface PaperOrganisationsTable {
	paper_id: number;
	organisation_id: number;
}

interface TagsTable {
	id: Generated<number>;
	slug: string;
	name: string;
}

interface PaperTagsTable {
	paper_id: number;
	tag_id: number;
}

/** Two papers that may be the same. */
interface MergeCandidatesTable {
	id: Generated<number>;
	paper_id: number;
	other_id: number;
	similarity: number;
	state: 'open' | 'merged' | 'apart';
	created_at: string;
}

export type Role = 'user' | 'trusted' | 'moderator' | 'admin';

interface UsersTable {
	id: Generated<number>;
	handle: string;
	/** Keyed hash of the address, to find it; the address itself is encrypted. Null for the local user and after erasure. */
	email_hash: string | null;
	email_encrypted: string | null;
	role: Role;
	organisation_id: number | null;
	karma: Generated<number>;
	/** JSON. */
	preferences: Generated<string>;
	created_at: string;
	erased_at: string | null;
}

interface SessionsTable {
	/** SHA-256 of the token in the cookie. */
	token_hash: string;
	user_id: number;
	created_at: string;
	expires_at: string;
}

interface LoginTokensTable {
	token_hash: string;
	email_hash: string;
	email_encrypted: string;
	created_at: string;
	expires_at: string;
	used_at: string | null;
}

interface ApiTokensTable {
	token_hash: string;
	user_id: number;
	name: string;
	created_at: string;
	last_used_at: string | null;
}

interface VotesTable {
	user_id: number;
	paper_id: number;
	at: string;
	/** What the vote counts in rankings; the number shown counts every vote as one. */
	weight: number;
	/** Prefix of the voter's network address, for burst detection. */
	network: string | null;
}

export type CommentState = 'visible' | 'pending' | 'hidden' | 'deleted';

interface CommentsTable {
	id: Generated<number>;
	paper_id: number;
	parent_id: number | null;
	/** 0 for a comment on the paper itself. */
	depth: number;
	user_id: number;
	/** Markdown as written. */
	body: string;
	/** Sanitised. */
	html: string;
	state: CommentState;
	created_at: string;
	edited_at: string | null;
	deleted_at: string | null;
}

interface CommentVotesTable {
	user_id: number;
	comment_id: number;
	/** 1 or -1. */
	value: number;
	at: string;
}

export type TargetKind = 'paper' | 'comment' | 'user' | 'merge';

interface FlagsTable {
	id: Generated<number>;
	target_kind: TargetKind;
	target_id: number;
	user_id: number;
	reason: string;
	weight: number;
	state: 'open' | 'upheld' | 'dismissed';
	created_at: string;
}

interface ModerationLogTable {
	id: Generated<number>;
	/** Null for what happened by rule. */
	actor_id: number | null;
	action: string;
	target_kind: TargetKind;
	target_id: number;
	reason: string;
	at: string;
}

export type SubscriptionState = 'pending' | 'active' | 'unsubscribed' | 'bounced';

interface SubscriptionsTable {
	id: string;
	email_hash: string;
	email_encrypted: string;
	state: SubscriptionState;
	/** JSON list of topics; empty for all papers. */
	topics: string;
	cadence: 'daily' | 'weekly';
	/** SHA-256 of the confirmation token; null once used. */
	confirm_hash: string | null;
	confirm_expires_at: string | null;
	unsubscribe_hash: string | null;
	/** JSON: time, network prefix and version of the text that was agreed to. */
	consent: string;
	/** JSON of topics, cadence and consent that wait for a confirmation; null when nothing waits. */
	requested: string | null;
	created_at: string;
	confirmed_at: string | null;
	last_sent_at: string | null;
}

export type DeliveryState = 'queued' | 'sending' | 'sent' | 'bounced' | 'uncertain' | 'failed';

interface DeliveriesTable {
	id: Generated<number>;
	subscription_id: string;
	digest_date: string;
	state: DeliveryState;
	attempts: Generated<number>;
	next_attempt_at: string;
	message_id: string | null;
	error: string | null;
	owner: string | null;
	/** When the owner took it to send it. */
	taken_at: string | null;
	created_at: string;
	sent_at: string | null;
}

interface DeliveryPapersTable {
	delivery_id: number;
	paper_id: number;
	/** In the order of the mail, from 0. */
	position: number;
}

interface SuppressionsTable {
	email_hash: string;
	reason: string;
	at: string;
}

interface EmbeddingsTable {
	paper_id: number;
	model: string;
	/** Hash of the text it was computed from. */
	fingerprint: string;
	/** Little-endian float32. */
	vector: Uint8Array;
}

/** What happened, for statistics and audits. */
interface EventsTable {
	id: Generated<number>;
	kind: string;
	/** JSON. */
	payload: string;
	at: string;
}

export interface Database {
	runs: RunsTable;
	artifacts: ArtifactsTable;
	sweeps: SweepsTable;
	workers: WorkersTable;
	result_blocks: ResultBlocksTable;
	result_columns: ResultColumnsTable;
	claim_results: ClaimResultsTable;
	calibrations: CalibrationsTable;
	papers: PapersTable;
	paper_fields: PaperFieldsTable;
	listings: ListingsTable;
	authors: AuthorsTable;
	paper_authors: PaperAuthorsTable;
	organisations: OrganisationsTable;
	paper_organisations: PaperOrganisationsTable;
	tags: TagsTable;
	paper_tags: PaperTagsTable;
	merge_candidates: MergeCandidatesTable;
	users: UsersTable;
	sessions: SessionsTable;
	login_tokens: LoginTokensTable;
	api_tokens: ApiTokensTable;
	votes: VotesTable;
	comments: CommentsTable;
	comment_votes: CommentVotesTable;
	flags: FlagsTable;
	moderation_log: ModerationLogTable;
	subscriptions: SubscriptionsTable;
	deliveries: DeliveriesTable;
	delivery_papers: DeliveryPapersTable;
	suppressions: SuppressionsTable;
	embeddings: EmbeddingsTable;
	events: EventsTable;
}
