/** A client of arXiv's API that keeps its terms: one request at a time, three seconds between two, and its caps on size. */
import { DataUnavailableError, InputError } from '@assay/contract';
import { type ArxivAnswer, parseArxivAtom } from './arxiv-atom.ts';
import { parseArxivId } from './arxiv-id.ts';

const ENDPOINT = 'https://export.arxiv.org/api/query';
const PAUSE_MILLISECONDS = 3000;
const MAX_RESULTS_PER_REQUEST = 2000;
const MAX_RESULTS_PER_QUERY = 30_000;
const MAX_BYTES = 64 * 1024 * 1024;

export interface ArxivQuery {
	/** In arXiv's own search language, for example `cat:cs.AR`. */
	readonly search?: string | undefined;
	readonly ids?: readonly string[] | undefined;
	/** From 0. */
	readonly start?: number | undefined;
	/** At most 2,000. */
	readonly maxResults?: number | undefined;
}

export interface ArxivClientOptions {
	readonly fetch: (url: string) => Promise<Response>;
	readonly sleep: (milliseconds: number) => Promise<void>;
	/** Milliseconds; only differences count. */
	readonly clock: () => number;
	readonly endpoint?: string | undefined;
}

export interface ArxivClient {
	/** One request, newest first. Raises an InputError for a query over the caps, a DataUnavailableError where arXiv does not answer. */
	query(query: ArxivQuery): Promise<ArxivAnswer>;
	/** All results of a search, page by page, up to arXiv's cap. */
	queryAll(search: string, pageSize?: number): AsyncGenerator<ArxivAnswer>;
}

export function createArxivClient({ fetch, sleep, clock, endpoint = ENDPOINT }: ArxivClientOptions): ArxivClient {
	let queue: Promise<unknown> = Promise.resolve();
	let lastEnd: number | null = null;

	async function request(url: string): Promise<string> {
		const wait = lastEnd === null ? 0 : lastEnd + PAUSE_MILLISECONDS - clock();
		if (wait > 0) await sleep(wait);
		try {
			const response = await fetch(url);
			if (!response.ok) throw new DataUnavailableError(`arXiv answers ${response.status}; try again later`);
			return await readLimited(response);
		} catch (cause) {
			if (cause instanceof DataUnavailableError || cause instanceof InputError) throw cause;
			throw new DataUnavailableError('arXiv cannot be reached', { cause });
		} finally {
			lastEnd = clock();
		}
	}

	const query = async (wanted: ArxivQuery): Promise<ArxivAnswer> => {
		const url = `${endpoint}?${parametersOf(wanted)}`;
		const answer = queue.then(() => request(url));
		queue = answer.catch(() => undefined);
		return parseArxivAtom(await answer);
	};

	return {
		query,
		async *queryAll(search, pageSize = MAX_RESULTS_PER_REQUEST) {
			for (let start = 0; start < MAX_RESULTS_PER_QUERY; start += pageSize) {
				const maxResults = Math.min(pageSize, MAX_RESULTS_PER_QUERY - start);
				const answer = await query({ search, start, maxResults });
				if (answer.papers.length === 0) return;
				yield answer;
				if (answer.totalResults !== null && start + pageSize >= answer.totalResults) return;
			}
		},
	};
}

function parametersOf({ search, ids = [], start = 0, maxResults = 100 }: ArxivQuery): URLSearchParams {
	if (search === undefined && ids.length === 0)
		throw new InputError({ path: ['arXiv query'], found: 'nothing', expected: 'a search or ids' });
	const whole = Number.isInteger(start) && Number.isInteger(maxResults);
	if (!whole || maxResults < 1 || maxResults > MAX_RESULTS_PER_REQUEST || start < 0 || start + maxResults > MAX_RESULTS_PER_QUERY)
		throw new InputError({
			path: ['arXiv query'],
			found: `${maxResults} results from ${start} on`,
			expected: `at most ${MAX_RESULTS_PER_REQUEST} a request, up to result ${MAX_RESULTS_PER_QUERY}`,
		});
	for (const id of ids)
		if (parseArxivId(id) === null)
			throw new InputError({ path: ['arXiv query', 'ids'], found: id.slice(0, 60), expected: 'arXiv ids such as 2407.00123' });
	return new URLSearchParams({
		...(search === undefined ? {} : { search_query: search }),
		...(ids.length === 0 ? {} : { id_list: ids.join(',') }),
		start: String(start),
		max_results: String(maxResults),
		sortBy: 'submittedDate',
		sortOrder: 'descending',
	});
}

async function readLimited(response: Response): Promise<string> {
	const decoder = new TextDecoder();
	let [text, bytes] = ['', 0];
	for await (const chunk of response.body ?? []) {
		bytes += chunk.byteLength;
		if (bytes > MAX_BYTES)
			throw new InputError({ path: ['arXiv answer'], found: 'more bytes', expected: `at most ${MAX_BYTES}` });
		text += decoder.decode(chunk, { stream: true });
	}
	return text + decoder.decode();
}
