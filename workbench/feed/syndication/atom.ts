/** Atom 1.0 (RFC 4287). */
import { type FeedDocument, type FeedEntry, feedPublished, feedText, feedUpdated, plainText } from './feed-document.ts';
import { xmlDocument } from './xml.ts';

export const ATOM_MEDIA_TYPE = 'application/atom+xml; charset=utf-8';

export function atomFeed(feed: FeedDocument): string {
	return xmlDocument({
		feed: {
			'@xmlns': 'http://www.w3.org/2005/Atom',
			id: feed.id,
			title: plainText(feed.title),
			updated: feedUpdated(feed),
			link: [
				{ '@rel': 'self', '@type': 'application/atom+xml', '@href': feed.selfUrl },
				{ '@rel': 'alternate', '@type': 'text/html', '@href': feed.homeUrl },
			],
			// Entries without known authors take the feed's.
			author: { name: plainText(feed.title) },
			entry: feed.entries.map(entryElement),
		},
	});
}

function entryElement(entry: FeedEntry) {
	const { paper, url, id } = entry;
	const published = feedPublished(entry);
	const summary = feedText(entry);
	return {
		id,
		title: plainText(paper.title),
		updated: paper.updatedAt,
		...(published === null ? {} : { published }),
		link: { '@rel': 'alternate', '@type': 'text/html', '@href': url },
		author: paper.authors.map(({ name }) => ({ name: plainText(name) })),
		category: paper.tags.map(({ slug, name }) => ({ '@term': plainText(slug), '@label': plainText(name) })),
		...(summary === '' ? {} : { summary }),
	};
}
