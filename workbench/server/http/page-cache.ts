/**
 * Pages that were rendered already, until anything in the database changes. Rendering a page costs milliseconds of the
 * only thread; the same page for the same reader and the same state of the database is the same bytes.
 */
import type { AssayDatabase } from '@assay/database';

export interface RenderedPage {
	readonly status: number;
	readonly headers: readonly (readonly [string, string])[];
	readonly body: Uint8Array<ArrayBuffer>;
	/** The body compressed, once somebody has asked for it. */
	gzip: Uint8Array<ArrayBuffer> | undefined;
	readonly etag: string;
}

interface Entry {
	readonly page: RenderedPage;
	readonly mark: string | null;
	readonly at: number;
}

/** Rankings decay with time: no page is older than this. On PostgreSQL, where changes cannot be seen cheaply, pages live one second. */
const LIFE_MILLISECONDS = { seen: 20_000, unseen: 1000 };
const LIMIT_BYTES = 64 * 1024 * 1024;

export class PageCache {
	private readonly entries = new Map<string, Entry>();
	private readonly rendering = new Map<string, Promise<RenderedPage>>();
	private readonly database: AssayDatabase;
	private bytes = 0;

	constructor(database: AssayDatabase) {
		this.database = database;
	}

	/** The page of a key, rendered if need be; concurrent requests for the same page wait for one rendering. */
	async page(key: string, render: () => Promise<RenderedPage>): Promise<RenderedPage> {
		const mark = this.database.changeMark();
		const found = this.entries.get(key);
		const life = mark === null ? LIFE_MILLISECONDS.unseen : LIFE_MILLISECONDS.seen;
		if (found !== undefined && found.mark === mark && performance.now() - found.at < life) return found.page;
		const turn = `${mark}\n${key}`;
		const underWay = this.rendering.get(turn);
		if (underWay !== undefined) return underWay;
		const rendering = render().finally(() => this.rendering.delete(turn));
		this.rendering.set(turn, rendering);
		const page = await rendering;
		// A change during rendering makes the page's state uncertain: it is served and not kept.
		if (page.status === 200 && this.database.changeMark() === mark) this.keep(key, { page, mark, at: performance.now() });
		return page;
	}

	private keep(key: string, entry: Entry): void {
		this.forget(key);
		this.entries.set(key, entry);
		this.bytes += entry.page.body.byteLength;
		for (const oldest of this.entries.keys()) {
			if (this.bytes <= LIMIT_BYTES) return;
			this.forget(oldest);
		}
	}

	private forget(key: string): void {
		const known = this.entries.get(key);
		if (known === undefined) return;
		this.entries.delete(key);
		this.bytes -= known.page.body.byteLength;
	}
}
