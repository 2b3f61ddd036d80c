/** RSS 2.0 (rssboard.org), with Atom's link to itself. */
import { type FeedDocument, type FeedEntry, feedPublished, feedText, feedUpdated, plainText } from './feed-document.ts';
import { xmlDocument } from './xml.ts';

export const RSS_MEDIA_TYPE = 'application/rss+xml; charset=utf-8';

export function rssFeed(feed: FeedDocument): string {
	return xmlDocument({
		rss: {
			'@version': '2.0',
			'@xmlns:atom': 'http://www.w3.org/2005/Atom',
			'@xmlns:dc': 'http://purl.org/dc/elements/1.1/',
			channel: {
				title: plainText(feed.title),
				link: feed.homeUrl,
				description: plainText(feed.title),
				language: 'en',
				lastBuildDate: rfc822(feedUpdated(feed)),
				'atom:link': { '@href': feed.selfUrl, '@rel': 'self', '@type': 'application/rss+xml' },
				item: feed.entries.map(item),
			},
		},
	});
}

function item(entry: FeedEntry) {
	const { paper, url, id } = entry;
	const published = feedPublished(entry);
	return {
		title: plainText(paper.title),
		link: url,
		guid: { '@isPermaLink': 'false', '#text': id },
		...(published === null ? {} : { pubDate: rfc822(published) }),
		'dc:creator': paper.authors.map(({ name }) => plainText(name)),
		category: paper.tags.map(({ name }) => plainText(name)),
		description: feedText(entry),
	};
}

const DAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

/** A time as RFC 822 writes it, with a year of four digits: `Fri, 26 Dec 2025 08:05:00 +0000`. */
export function rfc822(iso: string): string {
	const date = new Date(iso);
	const [day, month] = [DAYS[date.getUTCDay()], MONTHS[date.getUTCMonth()]];
	return `${day}, ${String(date.getUTCDate()).padStart(2, '0')} ${month} ${date.getUTCFullYear()} ${date.toISOString().slice(11, 19)} +0000`;
}
