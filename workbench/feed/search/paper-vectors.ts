/**
 * The vectors of all papers: kept in the database, so that each is computed once, and in memory, where they are compared.
 * The model is fitted again when the collection has changed while it is small, when it has doubled, or on request; in
 * between, new and changed papers are folded into the model there is.
 */
import { createRandom } from '@assay/contract';
import type { AssayDatabase } from '@assay/database';
import type { Embedder } from './embedder.ts';
import { hash, meaningOf, type PaperText, readPaperTexts } from './paper-text.ts';
import { withSearchTables } from './tables.ts';
import { VectorTable } from './vector-table.ts';
import { VectorModel } from './vectors.ts';
import type { WordVectors } from './word-vectors.ts';

/** Version of the method; part of every model's name. */
const METHOD = 'lsa-1';
/** Up to here the model is fitted again after every change: it takes a fraction of a second. */
const SMALL = 200;
/** More papers than this are represented by a sample when the model is fitted. */
const MOST_FITTED = 20_000;
const CHUNK = 500;

export class PaperVectors {
	readonly table: VectorTable;
	readonly model: VectorModel;
	readonly embedder: Embedder;
	private readonly database: AssayDatabase;
	/** Of the text that each vector in the table is from. */
	private readonly fingerprints = new Map<number, string>();

	private constructor(database: AssayDatabase, model: VectorModel, embedder: Embedder) {
		this.database = database;
		this.model = model;
		this.embedder = embedder;
		this.table = new VectorTable(embedder.dimensions);
	}

	/**
	 * Vectors for the papers as they are indexed now. Goes on from `before` where its model still serves; `refit` asks for
	 * a new one. An `embedder` takes the place of the model's vectors; the model still tells how rare words are.
	 */
	static async refresh(
		database: AssayDatabase,
		before: PaperVectors | null,
		wordVectors: WordVectors | undefined,
		embedder: Embedder | undefined,
		refit: boolean,
	): Promise<PaperVectors> {
		const kysely = withSearchTables(database.kysely);
		const entries = await kysely.selectFrom('search_entries').select(['paper_id', 'fingerprint']).orderBy('paper_id').execute();
		const wanted = new Map(entries.map((entry) => [entry.paper_id, entry.fingerprint]));
		const name = `${METHOD}${wordVectors === undefined ? '' : `+${wordVectors.name}`}-${hash(JSON.stringify(entries))}`;
		const model = await modelFor(database, name, [...wanted.keys()], before?.model ?? null, wordVectors, refit);
		const vectors = before?.model === model ? before : new PaperVectors(database, model, embedder ?? model);
		await vectors.follow(wanted);
		return vectors;
	}

	/** Makes the table hold exactly the wanted papers, each by its present text. */
	private async follow(wanted: ReadonlyMap<number, string>): Promise<void> {
		for (const id of [...this.table.keys()]) {
			if (wanted.has(id)) continue;
			this.table.delete(id);
			this.fingerprints.delete(id);
		}
		const missing = [...wanted].filter(([id, fingerprint]) => this.fingerprints.get(id) !== fingerprint).map(([id]) => id);
		for (let start = 0; start < missing.length; start += CHUNK) await this.add(missing.slice(start, start + CHUNK), wanted);
	}

	private async add(ids: readonly number[], wanted: ReadonlyMap<number, string>): Promise<void> {
		const stored = await this.database.kysely
			.selectFrom('embeddings')
			.select(['paper_id', 'fingerprint', 'vector'])
			.where('model', '=', this.embedder.name)
			.where('paper_id', 'in', ids)
			.execute();
		const found = new Set<number>();
		for (const { paper_id, fingerprint, vector } of stored) {
			if (fingerprint !== wanted.get(paper_id)) continue;
			found.add(paper_id);
			this.keep(paper_id, fingerprint, new Float32Array(new Uint8Array(vector).buffer));
		}
		const texts = await readPaperTexts(
			this.database.kysely,
			ids.filter((id) => !found.has(id)),
		);
		if (texts.length > 0) await this.embed(texts);
	}

	private async embed(texts: readonly PaperText[]): Promise<void> {
		const vectors = await this.embedder.embed(texts.map(meaningOf));
		const rows = texts.map(({ id, fingerprint }, index) => {
			const vector = vectors[index]!;
			this.keep(id, fingerprint, vector);
			const bytes = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
			return { paper_id: id, model: this.embedder.name, fingerprint, vector: bytes };
		});
		await this.database.kysely
			.insertInto('embeddings')
			.values(rows)
			.onConflict((conflict) =>
				conflict.columns(['paper_id', 'model']).doUpdateSet((eb) => ({
					fingerprint: eb.ref('excluded.fingerprint'),
					vector: eb.ref('excluded.vector'),
				})),
			)
			.execute();
	}

	private keep(id: number, fingerprint: string, vector: Float32Array): void {
		this.table.set(id, vector);
		this.fingerprints.set(id, fingerprint);
	}
}

/** The model in memory, the stored one, or a new one, which is then stored. `name` is what a new one is called. */
async function modelFor(
	database: AssayDatabase,
	name: string,
	ids: readonly number[],
	present: VectorModel | null,
	wordVectors: WordVectors | undefined,
	refit: boolean,
): Promise<VectorModel> {
	const kysely = withSearchTables(database.kysely);
	const stored = await kysely.selectFrom('search_models').select(['name', 'papers']).executeTakeFirst();
	const serves =
		stored !== undefined && (stored.name === name || (!refit && ids.length > SMALL && ids.length <= 2 * stored.papers));
	if (!serves) return fit(database, name, ids, wordVectors);
	if (present?.name === stored.name) return present;
	const row = await kysely.selectFrom('search_models').select('parameters').where('name', '=', stored.name).executeTakeFirst();
	return row === undefined ? fit(database, name, ids, wordVectors) : VectorModel.fromBytes(row.parameters, wordVectors);
}

async function fit(
	database: AssayDatabase,
	name: string,
	ids: readonly number[],
	wordVectors: WordVectors | undefined,
): Promise<VectorModel> {
	const sample = createRandom(name)
		.fork('sample')
		.shuffle([...ids])
		.slice(0, MOST_FITTED)
		.sort((a, b) => a - b);
	const texts: string[] = [];
	for (let start = 0; start < sample.length; start += CHUNK) {
		const read = await readPaperTexts(database.kysely, sample.slice(start, start + CHUNK));
		texts.push(...read.map(meaningOf));
	}
	const model = await VectorModel.fit(name, texts, wordVectors);
	await database.kysely.transaction().execute(async (plain) => {
		const transaction = withSearchTables(plain);
		await transaction.deleteFrom('search_models').where('name', '<>', name).execute();
		await transaction
			.insertInto('search_models')
			.values({ name, papers: ids.length, parameters: model.toBytes() })
			.onConflict((conflict) => conflict.column('name').doNothing())
			.execute();
		await transaction.deleteFrom('embeddings').where('model', 'like', `${METHOD}%`).where('model', '<>', name).execute();
	});
	return model;
}
