/** The verbs under `assay papers`; each loads what it needs when it is called. */
import { type Command, Option } from 'commander';

const json = (): Option => new Option('--json', 'print one JSON document instead of text');
const limit = (count: string): Option => new Option('--limit <count>', 'at most so many').default(count);
const SELECTORS = ['date', 'week', 'month', 'tag', 'org', 'author'];

/** Options of which one at most is given, and with it no order. */
function selection(command: Command): Command {
	const one = (flags: string, name: string, help: string): Option =>
		new Option(flags, help).conflicts([...SELECTORS.filter((other) => other !== name), 'order', 'period']);
	return command
		.addOption(one('--date <day>', 'date', 'papers listed on a day, such as 2025-12-26'))
		.addOption(one('--week <week>', 'week', 'papers of an ISO week, such as 2025-W52'))
		.addOption(one('--month <month>', 'month', 'papers of a month, such as 2025-12'))
		.addOption(one('--tag <topic>', 'tag', 'papers on a topic'))
		.addOption(one('--org <organisation>', 'org', 'papers of an organisation'))
		.addOption(one('--author <author>', 'author', 'papers of an author'));
}

export function addPaperCommands(program: Command): void {
	const papers = program.command('papers').description('the feed of papers: import, read, search, vote, and digests by mail');
	const formats = ['page-text', 'arxiv', 'host-json', 'bibtex', 'ris', 'csv', 'json-lines'];
	papers
		.command('import')
		.argument('[files...]', 'day pages, arXiv Atom, daily-papers JSON, BibTeX, RIS, CSV or JSON Lines; - is standard input')
		.description('take papers in; doing so again changes nothing')
		.addOption(new Option('--format <format>', 'format of the files (default: detected)').choices(formats))
		.option('--year <year>', 'year of a day page, which prints none (default: inferred)')
		.option('--arxiv <ids...>', 'papers by their arXiv ids, over the network')
		.option('--arxiv-query <query>', 'newest results of a search at arXiv, such as cat:cs.AR, over the network')
		.option('--max <count>', 'results of the search, at most', '100')
		.addOption(json())
		.action(async (files: string[], options) => (await import('./verbs/papers/import.ts')).importVerb(files, options));
	const orders = ['trending', 'new', 'top', 'hacker-news', 'lobsters', 'reddit'];
	selection(papers.command('list', { isDefault: true }).description('papers, newest first or as asked for'))
		.addOption(new Option('--order <order>', 'order of all papers').choices(orders).default('new', 'new'))
		.addOption(
			new Option('--period <period>', 'only papers listed in the last of these').choices(['day', 'week', 'month', 'all']),
		)
		.addOption(limit('30'))
		.addOption(json())
		.action(async (options) => (await import('./verbs/papers/list.ts')).listPapers(options));
	papers
		.command('show')
		.argument('<paper>', 'slug of a paper')
		.description('all that is known of a paper, and whether its system runs here')
		.addOption(json())
		.action(async (slug: string, options) => (await import('./verbs/papers/show.ts')).showPaper(slug, options));
	papers
		.command('trending')
		.description('what readers vote for and discuss now')
		.addOption(limit('30'))
		.addOption(json())
		.action(async (options) => (await import('./verbs/papers/list.ts')).listTrending(options));
	papers
		.command('search')
		.argument('<words...>', 'words, "phrases", begin*, title: author: org: tag: ...; after -- also -not')
		.description('find papers by words and by meaning, best first')
		.addOption(new Option('--mode <mode>', 'what is compared').choices(['fused', 'words', 'meaning']).default('fused'))
		.option('--after <day>', 'papers of this day, month or year and later')
		.option('--before <day>', 'papers before this day, month or year')
		.option('--runnable', 'only papers whose system runs here')
		.addOption(limit('10'))
		.addOption(json())
		.action(async (words: string[], options) => (await import('./verbs/papers/search.ts')).searchPapers(words, options));
	selection(papers.command('export').description('papers for other programs; all of them unless told which'))
		.addOption(
			new Option('--format <format>', 'page needs --date (default: by the ending of --out, else json-lines)').choices([
				'page',
				'json-lines',
				'csv',
				'bibtex',
			]),
		)
		.option('--out <file>', 'write into a file instead of standard output')
		.action(async (options) => (await import('./verbs/papers/export.ts')).exportPapers(options));
	papers
		.command('vote')
		.argument('<paper>', 'slug of a paper')
		.description('vote for a paper as the user of this machine')
		.option('--withdraw', 'take the vote back')
		.addOption(json())
		.action(async (slug: string, options) => (await import('./verbs/papers/vote.ts')).voteVerb(slug, options));
	addMailCommands(papers);
}

function addMailCommands(papers: Command): void {
	papers
		.command('subscribe')
		.argument('<address>', 'e-mail address')
		.description('ask for digests by mail; a mail asks to confirm')
		.option('--topics <topics>', 'topics separated by commas (default: all)')
		.addOption(new Option('--cadence <cadence>', 'how often').choices(['daily', 'weekly']).default('daily'))
		.addOption(json())
		.action(async (address: string, options) => (await import('./verbs/papers/mail.ts')).subscribeVerb(address, options));
	papers
		.command('confirm')
		.argument('<token>', 'from the confirmation mail, or its whole link')
		.description('begin a subscription')
		.addOption(json())
		.action(async (token: string, options) => (await import('./verbs/papers/mail.ts')).confirmVerb(token, options));
	papers
		.command('unsubscribe')
		.argument('<token>', 'from a digest, or its whole link')
		.description('end a subscription')
		.addOption(json())
		.action(async (token: string, options) => (await import('./verbs/papers/mail.ts')).unsubscribeVerb(token, options));
	papers
		.command('digest')
		.description('send the digests of a day; done again, nothing is sent twice')
		.option('--date <day>', 'the day (default: today, UTC)')
		.option('--dry-run', 'only tell who would get how many papers')
		.addOption(json())
		.action(async (options) => (await import('./verbs/papers/mail.ts')).digestVerb(options));
}
