import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, show } from '@assay/contract';
import { openWordVectors, readCards, SearchIndex, type SearchMode, wordVectorsFile } from '@assay/feed';
import { wrap } from '@assay/report/text';
import { EXIT } from '../../failure.ts';
import { integerOption } from '../../read-inputs.ts';
import { note, Progress, print, printJson, stopSignal, terminalStyle } from '../../terminal.ts';
import { paperFacts } from './cards.ts';
import { type Feed, runnable, withFeed } from './feed.ts';

const MOST_FOUND = 100;

interface SearchVerbOptions {
	readonly mode: SearchMode;
	readonly limit: string;
	readonly after?: string;
	readonly before?: string;
	readonly runnable?: true;
	readonly json?: true;
}

/** `assay papers search <words...>` */
export async function searchPapers(words: readonly string[], options: SearchVerbOptions): Promise<void> {
	const limit = integerOption(options.limit, 'limit', 1, MOST_FOUND);
	// Conditions first: of a very long query only the beginning counts.
	const query = [...conditions(options), ...words].join(' ');
	await withFeed(async (feed) => {
		const index = await openIndex(feed);
		if (index === null) {
			process.exitCode = EXIT.stopped;
			return;
		}
		const { hits, total, corrected } = await index.search(query, { mode: options.mode, limit, runnable });
		const cards = await readCards(
			feed.database.kysely,
			hits.map((hit) => hit.id),
		);
		const found = cards.flatMap((card) => hits.filter((hit) => hit.id === card.id).map((hit) => ({ card, ...hit })));
		if (options.json === true) {
			const papers = found.map(({ card, score, snippet }) => ({ ...paperFacts(card), score, snippet }));
			return printJson({ papers, total, corrected: corrected ?? null });
		}
		const style = terminalStyle();
		if (corrected !== undefined) note(`searched for: ${corrected}`);
		if (found.length === 0) return note('no papers found');
		for (const [place, { card, snippet }] of found.entries()) {
			const facts = [card.slug, card.publishedOn ?? card.listedOn, runnable.has(card.slug) ? `npx assay run ${card.slug}` : null];
			print(`${place + 1}. ${style.bold(card.title)}\n${style.dim(facts.filter((fact) => fact !== null).join('  '))}`);
			print(`${wrap(snippet.map(({ text, marked }) => (marked ? mark(text, style.bold) : text)).join(''), style.width)}\n`);
		}
		note(total > found.length ? `${found.length} of ${total}; --limit shows more` : `${total} found`);
	});
}

/** Word by word, so that a line break between two words breaks no style. */
function mark(text: string, bold: (text: string) => string): string {
	return text.replace(/\S+/g, bold);
}

function conditions({ after, before, runnable: onlyRunnable }: SearchVerbOptions): string[] {
	const day = (option: 'after' | 'before', text: string | undefined): string[] => {
		if (text === undefined) return [];
		const [whole, month = '-01', date = '-01'] = /^\d{4}(-\d{2})?(-\d{2})?$/.exec(text) ?? [];
		const first = `${whole?.slice(0, 4)}${month}${date}`;
		if (whole === undefined || Number.isNaN(Date.parse(first)) || !new Date(first).toISOString().startsWith(first))
			throw new InputError({ path: [`--${option}`], found: show(text), expected: 'a day, month or year such as 2025-12-26' });
		return [`${option}:${text}`];
	};
	return [...day('after', after), ...day('before', before), ...(onlyRunnable === true ? ['has:runnable'] : [])];
}

/**
 * The first search on a machine converts the pretrained word vectors, which takes some seconds; later ones find them
 * converted. Null if that was stopped.
 */
async function openIndex({ database, folder }: Feed): Promise<SearchIndex | null> {
	const cache = join(folder, 'cache');
	const isConverted = await access(wordVectorsFile(cache)).then(
		() => true,
		() => false,
	);
	if (isConverted) return SearchIndex.open(database, { wordVectors: await openWordVectors({ folder: cache }) });
	const signal = stopSignal();
	note('preparing search by meaning: the word vectors are converted once, later searches start at once');
	const progress = new Progress();
	try {
		const onProgress = (fraction: number): void => {
			signal.throwIfAborted();
			progress.update(fraction, 'converting word vectors');
		};
		const wordVectors = await openWordVectors({ folder: cache, onProgress });
		if (wordVectors === undefined) note('the pretrained word vectors are not installed; meaning rests on the papers alone');
		return await SearchIndex.open(database, { wordVectors });
	} catch (error) {
		if (error !== signal.reason) throw error;
		return null;
	} finally {
		progress.clear();
	}
}
