/**
 * Whether a comment should wait for a moderator: it carries many links, comes from a fresh account, or says again what its author
 * has just said. Nothing is refused here; the author sees that the comment waits.
 */
import type { Role } from '@assay/database';

export interface SpamAssessment {
	/** 0 for harmless; from 1 on the comment waits. */
	readonly score: number;
	/** In words, for moderators. */
	readonly reasons: readonly string[];
}

const WAITS_FROM = 1;
const POINTS = { link: 0.25, youngLink: 0.5, young: 0.25, repeated: 1 };
const YOUNG_HOURS = 24;
/** From this similarity on a comment counts as said before. */
const SIMILAR = 0.7;

export function assessSpam(comment: {
	readonly body: string;
	readonly role: Role;
	readonly accountAgeHours: number;
	/** The author's other comments of late, as written. */
	readonly recent: readonly string[];
}): SpamAssessment {
	if (comment.role !== 'user') return { score: 0, reasons: [] };
	let score = 0;
	const reasons: string[] = [];
	const links = comment.body.match(/https?:\/\/|www\./gi)?.length ?? 0;
	const young = comment.accountAgeHours < YOUNG_HOURS;
	if (links > 0) {
		score += links * (young ? POINTS.youngLink : POINTS.link);
		reasons.push(`links: ${links}`);
	}
	if (young) {
		score += POINTS.young;
		reasons.push('account younger than a day');
	}
	if (comment.recent.some((other) => similarity(comment.body, other) >= SIMILAR)) {
		score += POINTS.repeated;
		reasons.push('much like a recent comment of the same author');
	}
	return { score, reasons };
}

export function shouldWait(assessment: SpamAssessment): boolean {
	return assessment.score >= WAITS_FROM;
}

/** Jaccard similarity of the two texts' runs of three words, or of their words when one is shorter than that. */
export function similarity(one: string, other: string): number {
	const [a, b] = [words(one), words(other)];
	const length = Math.min(3, a.length, b.length);
	if (length === 0) return 0;
	const [left, right] = [runs(a, length), runs(b, length)];
	const common = [...left].filter((run) => right.has(run)).length;
	return common / (left.size + right.size - common);
}

function words(text: string): string[] {
	return (
		text
			.normalize('NFKC')
			.toLowerCase()
			.match(/[\p{L}\p{N}]+/gu) ?? []
	);
}

function runs(list: readonly string[], length: number): Set<string> {
	return new Set(list.slice(0, list.length - length + 1).map((_, from) => list.slice(from, from + length).join(' ')));
}
