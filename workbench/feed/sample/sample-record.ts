/** A record of the sample, and the topics that its tags come from. */

export const TOPICS = [
	'accelerators',
	'architecture search',
	'benchmarks',
	'compilers',
	'computer vision',
	'data selection',
	'datasets',
	'design automation',
	'energy',
	'GPU programming',
	'inference',
	'memory',
	'performance prediction',
	'policy',
	'quantization',
	'reasoning',
	'security',
	'serving',
	'software',
	'training',
] as const;
type Topic = (typeof TOPICS)[number];

/** What a paper's page and our own reading say of it; what is not known is left out. */
export interface SampleRecord {
	/** Place on the page, from 1. */
	readonly position: number;
	readonly slug: string;
	/** As printed. */
	readonly title: string;
	readonly authorsCount?: number;
	readonly organisation?: string;
	/** `YYYY-MM-DD`. */
	readonly publishedOn?: string;
	/** The page printed no year. */
	readonly yearInferred?: boolean;
	readonly commentsElsewhere?: number;
	readonly arxivId?: string;
	readonly doi?: string;
	/** Only where all of them are known by their full names. */
	readonly authors?: readonly string[];
	readonly code?: string;
	readonly tags: readonly Topic[];
	/** Two sentences: what it does, what it found. */
	readonly summary: string;
}
