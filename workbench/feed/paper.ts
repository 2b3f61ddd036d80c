/** A paper as lists and pages show it. */

export interface NamedLink {
	readonly slug: string;
	readonly name: string;
}

export interface PaperCard {
	readonly id: number;
	readonly slug: string;
	readonly title: string;
	/** Our own two sentences, for papers that come with the product. */
	readonly summary: string | null;
	/** The authors' abstract, repaired for reading; null until it is imported. */
	readonly abstract: string | null;
	readonly arxivId: string | null;
	readonly doi: string | null;
	/** `YYYY-MM-DD`. */
	readonly publishedOn: string | null;
	readonly listedOn: string | null;
	/** Null where the source does not say. */
	readonly authorsCount: number | null;
	/** In the order of the paper; may be empty though `authorsCount` is known. */
	readonly authors: readonly NamedLink[];
	readonly organisations: readonly NamedLink[];
	readonly tags: readonly NamedLink[];
	/** Distinct voters here. */
	readonly votes: number;
	/** Visible comments here. */
	readonly comments: number;
	/** What the source's own page counted; null where it says nothing. */
	readonly commentsElsewhere: number | null;
	readonly upvotesElsewhere: number | null;
	/** URL by kind: `code`, `project`, `pdf`, ... */
	readonly links: Readonly<Record<string, string>>;
	readonly hidden: boolean;
	/** ISO 8601; changes only when what is shown changes. */
	readonly updatedAt: string;
}
