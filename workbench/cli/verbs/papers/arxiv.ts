/** Papers from arXiv over the network, one request at a time, with the pauses that arXiv asks for. */
import { setTimeout as sleep } from 'node:timers/promises';
import { createArxivClient, type Import } from '@assay/feed';
import { note, Progress } from '../../terminal.ts';

const LONGEST_ANSWER_MILLISECONDS = 60_000;
const MOST_IDS_PER_REQUEST = 200;
const MOST_RESULTS_PER_REQUEST = 2000;

type ArxivWish = { readonly ids: readonly string[] } | { readonly search: string; readonly max: number };

/** The answers, each as one batch. Raises a DataUnavailableError where arXiv cannot be reached. */
export async function* fetchArxiv(
	wish: ArxivWish,
	signal: AbortSignal,
): AsyncGenerator<{ readonly format: 'arxiv'; readonly batch: Import }> {
	const client = createArxivClient({
		fetch: (url) => fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(LONGEST_ANSWER_MILLISECONDS)]) }),
		sleep: (milliseconds) => sleep(milliseconds, undefined, { signal }),
		clock: () => performance.now(),
	});
	const progress = new Progress();
	try {
		if ('ids' in wish) {
			for (let start = 0; start < wish.ids.length; start += MOST_IDS_PER_REQUEST) {
				progress.update(start / wish.ids.length, 'asking arXiv');
				const ids = wish.ids.slice(start, start + MOST_IDS_PER_REQUEST);
				const answer = await client.query({ ids, maxResults: ids.length });
				if (answer.papers.length < ids.length)
					note(`arXiv: ${ids.length - answer.papers.length} of ${ids.length} ids are unknown there`);
				yield { format: 'arxiv', batch: answer };
			}
			return;
		}
		let left = wish.max;
		for await (const answer of client.queryAll(wish.search, Math.min(left, MOST_RESULTS_PER_REQUEST))) {
			yield { format: 'arxiv', batch: { ...answer, papers: answer.papers.slice(0, left) } };
			left -= answer.papers.length;
			if (left <= 0) return;
			progress.update(1 - left / Math.min(wish.max, answer.totalResults ?? wish.max), 'asking arXiv');
		}
	} finally {
		progress.clear();
	}
}
