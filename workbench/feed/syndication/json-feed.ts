/** JSON Feed 1.1 (jsonfeed.org). */
import { type FeedDocument, type FeedEntry, feedPublished, feedText, plainText } from './feed-document.ts';

export const JSON_FEED_MEDIA_TYPE = 'application/feed+json; charset=utf-8';

export function jsonFeed(feed: FeedDocument): string {
	const document = {
		version: 'https://jsonfeed.org/version/1.1',
		title: plainText(feed.title),
		home_page_url: feed.homeUrl,
		feed_url: feed.selfUrl,
		language: 'en',
		items: feed.entries.map(item),
	};
	return `${JSON.stringify(document, null, '\t')}\n`;
}

function item(entry: FeedEntry) {
	const { paper, url, id } = entry;
	const published = feedPublished(entry);
	return {
		id,
		url,
		title: plainText(paper.title),
		content_text: feedText(entry),
		...(published === null ? {} : { date_published: published }),
		date_modified: paper.updatedAt,
		...(paper.authors.length === 0 ? {} : { authors: paper.authors.map(({ name }) => ({ name: plainText(name) })) }),
		...(paper.tags.length === 0 ? {} : { tags: paper.tags.map(({ name }) => plainText(name)) }),
	};
}
