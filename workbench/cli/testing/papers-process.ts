/** The verbs under `assay papers`, run as processes. */
import { expect } from 'vitest';
import { type Ended, type Start, startAssay } from './assay-process.ts';

/** Runs a verb with a data folder, where the command is also given. */
export function assay(folder: string, words: readonly string[], start: Start = {}): Promise<Ended> {
	return startAssay(folder, ['papers', ...words], start).ended;
}

/** The JSON document of a verb that must succeed. */
export async function document(folder: string, words: readonly string[], start: Start = {}) {
	const ended = await assay(folder, [...words, '--json'], start);
	expect(ended.status, `${words.join(' ')}: ${ended.error}`).toBe(0);
	const parsed = JSON.parse(ended.out);
	expect(parsed.format).toBe(1);
	return parsed;
}

/** All of them, two at a time. */
export async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
	const results: Result[] = [];
	for (let i = 0; i < items.length; i += 2) results.push(...(await Promise.all(items.slice(i, i + 2).map(work))));
	return results;
}

export const slugsOf = ({ papers }: { papers: { slug: string }[] }): string[] => papers.map(({ slug }) => slug);
