/**
 * How long a search takes among 100,000 papers, on both engines: median and 95th percentile by mode. Filling and indexing take
 * some minutes. The papers are made from the sample's titles and summaries.
 */
import { onBothEngines } from '@assay/database/testing';
import { test } from 'vitest';
import { sample } from '../sample/seed-sample.ts';
import { fillDatabase } from '../testing/markov-papers.ts';
import { SearchIndex, type SearchMode } from './search-index.ts';
import { openWordVectors } from './word-vectors.ts';

const PAPERS = 100_000;
const ROUNDS = 5;
const TARGET_MILLISECONDS = 150;
const MODES: readonly SearchMode[] = ['words', 'meaning', 'fused'];
const QUERIES = [
	'train language models in four-bit floating point',
	'side channel contract for open processors',
	'slide microscopy viewer for cancer detection',
	'who must report large training runs',
	'wafer factory simulation',
	'particle collider trigger power',
	'split prefill and decode on different machines',
	'boolean circuit optimisation with reinforcement learning',
	'recurrent network kernels fast on GPU',
	'prune training samples while training',
	'eight-bit integer inference for CNNs',
	'cheap fine-tuning with SSD offload',
	'sparse coding dictionary learning library',
	'AMD kernel programming',
];

onBothEngines(({ open, engine }) => {
	test(`a search among ${PAPERS} papers`, { timeout: 1_200_000 }, async () => {
		const database = await open();
		const texts = sample.map(({ title, summary }) => ({ title, abstract: summary }));
		await fillDatabase(database, texts, PAPERS, { seed: 1, lastDay: '2025-12-26', voters: 5000 });
		const index = await SearchIndex.open(database, { wordVectors: await openWordVectors() });
		for (const mode of MODES) {
			const milliseconds: number[] = [];
			for (let round = 0; round < ROUNDS; round++) {
				for (const query of QUERIES) {
					const started = performance.now();
					await index.search(query, { mode });
					milliseconds.push(performance.now() - started);
				}
			}
			milliseconds.sort((a, b) => a - b);
			const at = (share: number): number => milliseconds[Math.floor(milliseconds.length * share)] ?? Number.NaN;
			const verdict = at(0.95) < TARGET_MILLISECONDS ? 'within' : 'BEYOND';
			console.log(
				`${engine}, ${mode}: median ${at(0.5).toFixed(0)} ms, 95th percentile ${at(0.95).toFixed(0)} ms (${verdict} ${TARGET_MILLISECONDS} ms)`,
			);
		}
	});
});
