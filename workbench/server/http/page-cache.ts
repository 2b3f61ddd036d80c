/**
 * Pages that were rendered already, until anything in the database changes. Rendering a page costs milliseconds of the
 * only thread; the same page for the same reader and the same state of the database is the same bytes.
 */
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
	readonly mark: string;
	readonly at: number;
}

/** Rankings decay with time: no page is older than this. On PostgreSQL, where others' changes cannot be seen cheaply, pages live one second. */
const LIFE_MILLISECONDS = { seen: 20_000, unseen: 1000 };
const LIMIT_BYTES = 64 * 1024 * 1024;

export class PageCache {
	private readonly entries = new Map<string, Entry>();
	private readonly rendering = new Map<string, Promise<RenderedPage>>();
	private readonly mark: () => string | null;
	private bytes = 0;
	private writes = 0;

	/** `mark` gives a text that differs after any change that a page could show; null where that cannot be told cheaply. */
	constructor(mark: () => string | null) {
		this.mark = mark;
	}

	/** To be called after each write through this server: whoever wrote must see it at once. */
	written(): void {
		this.writes += 1;
	}

	/** The page of a key, rendered if need be; concurrent requests for the same page wait for one rendering. */
	async page(key: string, render: () => Promise<RenderedPage>): Promise<RenderedPage> {
		const seen = this.mark();
		const mark = this.state();
		const found = this.entries.get(key);
		const life = seen === null ? LIFE_MILLISECONDS.unseen : LIFE_MILLISECONDS.seen;
		if (found !== undefined && found.mark === mark && performance.now() - found.at < life) return found.page;
		const turn = `${mark}\n${key}`;
		const underWay = this.rendering.get(turn);
		if (underWay !== undefined) return underWay;
		const rendering = render().finally(() => this.rendering.delete(turn));
		this.rendering.set(turn, rendering);
		const page = await rendering;
		// A change during rendering makes the page's state uncertain: it is served and not kept. Some pages ask for that themselves.
		const isLive = page.headers.some(([name, value]) => name === 'cache-control' && value === 'no-store');
		if (page.status === 200 && !isLive && this.state() === mark) this.keep(key, { page, mark, at: performance.now() });
		return page;
	}

	private state(): string {
		return `${this.mark()} ${this.writes}`;
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
