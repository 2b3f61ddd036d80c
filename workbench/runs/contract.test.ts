/** Every system of the catalog fulfils the contract, and its README tells the truth about its claims. */
import { readFile } from 'node:fs/promises';
import { catalog } from '@assay/catalog';
import { contractSuite } from '@assay/contract/testing';
import { findSource, openSource } from '@assay/sources';
import { describe, expect, test } from 'vitest';
import { runInParallel } from './thread-pool.ts';

const systems = await Promise.all(catalog.map(async (entry) => ({ entry, system: await entry.load() })));

for (const { entry, system } of systems) {
	contractSuite(system, {
		open: (reference) => openSource(findSource(reference)),
		parallel: (task, items, onResult) => runInParallel(task, items, 2, new AbortController().signal, onResult),
	});
	test(`${entry.card.slug}: the catalog holds the system's own card`, () => expect(system.card).toBe(entry.card));
}

describe('the catalog', () => {
	test('has each slug once, in order', () => {
		const slugs = catalog.map((entry) => entry.card.slug);
		expect(slugs).toEqual([...new Set(slugs)].sort());
	});

	test('every system has a README', async () => {
		for (const { card } of catalog)
			await readFile(new URL(import.meta.resolve(`@assay/${card.slug}/card`).replace(/card\.ts$/, 'README.md')), 'utf8');
	});
});
