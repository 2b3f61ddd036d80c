import { integerOption } from '../../read-inputs.ts';
import { note, print, printJson } from '../../terminal.ts';
import { paperFacts, paperTable } from './cards.ts';
import { withFeed } from './feed.ts';
import { type Selection, selectPapers } from './selection.ts';

const MOST_LISTED = 1000;

interface ListOptions extends Selection {
	readonly limit: string;
	readonly json?: true;
}

/** `assay papers list` */
export async function listPapers(options: ListOptions): Promise<void> {
	const limit = integerOption(options.limit, 'limit', 1, MOST_LISTED);
	const { papers, neighbours } = await withFeed((feed) => selectPapers(feed, options, limit));
	if (options.json === true) return printJson({ papers: papers.map(paperFacts) });
	if (papers.length > 0) return print(paperTable(papers));
	note('no papers');
	if (neighbours.length > 0) note(`the nearest that has papers: ${neighbours.join(', ')}`);
}

/** `assay papers trending` */
export async function listTrending(options: { readonly limit: string; readonly json?: true }): Promise<void> {
	return listPapers({ ...options, order: 'trending' });
}
