import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { parseArxivId } from '../importers/arxiv-id.ts';
import { cleanDoi, cleanUrl } from '../importers/values.ts';
import { repairText } from '../papers/repair.ts';
import { TOPICS } from './sample-record.ts';
import { sample } from './seed-sample.ts';

test('the records are whole and tidy', () => {
	expect(sample.map(({ position }) => position)).toEqual(Array.from({ length: 47 }, (_, index) => index + 1));
	for (const of of [
		sample.map(({ slug }) => slug),
		sample.map(({ title }) => title),
		sample.flatMap(({ arxivId }) => arxivId ?? []),
	])
		expect(new Set(of).size).toBe(of.length);
	for (const { slug, title, arxivId, doi, code, authors, authorsCount, tags, summary } of sample) {
		expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
		if (arxivId !== undefined) expect(parseArxivId(arxivId)).toEqual({ id: arxivId, version: null });
		if (doi !== undefined) expect(cleanDoi(doi)).toBe(doi);
		if (code !== undefined) expect(cleanUrl(code)).toBe(code);
		if (authors !== undefined) expect(authors).toHaveLength(authorsCount ?? 0);
		expect(tags.length).toBeGreaterThanOrEqual(2);
		expect(tags.length).toBeLessThanOrEqual(4);
		expect(new Set(tags).size).toBe(tags.length);
		expect(summary.match(/\.(?= |$)/g), slug).toHaveLength(2);
		expect(repairText(`${title} ${summary}`)).toEqual({ text: `${title} ${summary}`, blemishes: [] });
	}
	expect(new Set(sample.flatMap(({ tags }) => tags))).toEqual(new Set(TOPICS));
});

const data = process.env['ASSAY_DATA'];
if (!data) console.warn('skipped: the sample against the published reading of the page, because ASSAY_DATA is not set');
test.skipIf(!data)('the records agree with the published reading of the page, and borrow no sentence from its abstracts', () => {
	const expected = z
		.object({ papers: z.array(z.record(z.string(), z.unknown())) })
		.parse(JSON.parse(readFileSync(join(data ?? '', 'daily-papers/papers.json'), 'utf8')));
	const ours = sample.map((record) => ({
		position: record.position,
		slug: record.slug,
		title: record.title,
		authors_count: record.authorsCount ?? null,
		organisation: record.organisation ?? null,
		date_iso: record.publishedOn ?? null,
		year_inferred: record.yearInferred ?? null,
		comments: record.commentsElsewhere ?? null,
	}));
	const keys = Object.keys(ours[0] ?? {});
	expect(ours).toEqual(expected.papers.map((paper) => Object.fromEntries(keys.map((key) => [key, paper[key]]))));
	const page = readFileSync(join(data ?? '', 'daily-papers/feed-sample.txt'), 'utf8')
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, ' ');
	for (const { slug, summary } of sample) {
		const words = summary.toLowerCase().split(/[^a-z0-9]+/);
		for (let start = 0; start + 8 <= words.length; start++)
			expect(page.includes(words.slice(start, start + 8).join(' ')), `${slug}: ${words.slice(start, start + 8).join(' ')}`).toBe(
				false,
			);
	}
});
