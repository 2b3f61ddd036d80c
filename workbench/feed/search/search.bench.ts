/** One search among 2,000 papers, beside what arxiv-sanity-lite does: counting the query's words in every paper. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@assay/database';
import { test } from 'vitest';
import { fillDatabase } from '../testing/markov-papers.ts';
import { SearchIndex } from './search-index.ts';

const papers = 2_000;
const queries = ['fast kernels for training', 'wafer simulation', 'quantization of language models', 'sparse coding'];
const texts = [
	{
		title: 'Fast kernels for training large language models on small machines',
		abstract:
			'Training of large language models needs fast kernels. We write kernels for small machines and measure their speed.',
	},
	{
		title: 'Quantization and sparse coding of wafer images for simulation',
		abstract:
			'Simulation of a wafer factory produces images. Sparse coding and quantization of images keep what matters for training.',
	},
];

test(`one search among ${papers} papers`, async ({ bench }) => {
	const folder = await mkdtemp(join(tmpdir(), 'assay-bench-'));
	const database = await openDatabase(folder, '');
	await fillDatabase(database, texts, papers, { seed: 1, lastDay: '2025-12-26', voters: 10 });
	const index = await SearchIndex.open(database);
	let turn = 0;

	const ours = bench('words and meaning, fused', async () => {
		await index.search(queries[turn++ % queries.length] ?? '');
	});

	const rival = bench('rival: linear scan, 10 x title + 5 x author + 1 x abstract', async () => {
		const words = (queries[turn++ % queries.length] ?? '').split(' ');
		const rows = await database.kysely.selectFrom('papers').select(['id', 'title', 'abstract']).execute();
		const count = (text: string): number => {
			const found = text.toLowerCase().split(/\W+/);
			return words.reduce((sum, word) => sum + found.filter((other) => other === word).length, 0);
		};
		const scored = rows.map(({ id, title, abstract }) => ({ id, score: 10 * count(title) + count(abstract ?? '') }));
		scored.sort((a, b) => b.score - a.score).slice(0, 20);
	});

	await bench.compare(ours, rival);
	await database.close();
	await rm(folder, { recursive: true, force: true });
});
