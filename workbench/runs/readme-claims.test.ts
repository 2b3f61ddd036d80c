/** The claims table in every system's README says what the claims say, and its verdicts follow from its figures. */
import { readFile } from 'node:fs/promises';
import { catalog } from '@assay/catalog';
import { createContext, DataUnavailableError, judge, type MeasuredClaim } from '@assay/contract';
import { withdrawPublished } from '@assay/contract/testing';
import { findSource, openSource } from '@assay/sources';
import { describe, expect, test } from 'vitest';
import { claimsTable, figure, readClaimsTable, withClaimsTable } from './claims-table.ts';
import { judgeClaim } from './reproduce.ts';
import { runInParallel } from './thread-pool.ts';

for (const entry of catalog) {
	describe(`README of ${entry.card.slug}`, async () => {
		const system = await entry.load();
		const readme = await readFile(new URL('README.md', import.meta.resolve(`@assay/${entry.card.slug}/card`)), 'utf8');
		const rows = readClaimsTable(readme);

		test('has each claim once, in order', () => expect([...rows.keys()]).toEqual(system.claims.map((claim) => claim.id)));

		test('figures of claims that take seconds are the ones measured now, by code that reads no published value', async ({
			annotate,
		}) => {
			const shared = new Map<string, Promise<unknown>>();
			const once = <T>(key: string, compute: () => Promise<T>): Promise<T> => {
				if (!shared.has(key)) shared.set(key, compute());
				return shared.get(key) as Promise<T>;
			};
			const context = {
				...createContext({
					seed: 0,
					open: (reference) => openSource(findSource(reference)),
					parallel: (task, items, onResult) => runInParallel(task, items, 2, new AbortController().signal, onResult),
				}),
				once,
			};
			const restore = withdrawPublished(system.claims);
			try {
				for (const claim of system.claims) {
					if (claim.evidence === 'quoted' || claim.evidence === 'gpu' || claim.effort !== 'seconds') continue;
					try {
						expect(figure(await claim.measure(context)), claim.id).toBe(rows.get(claim.id)?.['Ours']);
					} catch (error) {
						if (!(error instanceof DataUnavailableError)) throw error;
						await annotate(`${claim.id} skipped: ${error.message}`);
					}
				}
			} finally {
				restore();
			}
		});

		test.for(system.claims)('$id stands there as it is', (claim) => {
			const row = rows.get(claim.id) ?? {};
			const expected =
				readClaimsTable(withClaimsTable('<!-- claims --><!-- /claims -->', claimsTable([judgeClaim(claim, undefined)]))).get(
					claim.id,
				) ?? {};
			for (const column of ['What it says', 'Published', 'Tolerance', 'Evidence'])
				expect(row[column], column).toBe(expected[column]);
			if (claim.evidence === 'quoted') return expect(row['Verdict']).toBe('quoted');
			if (row['Ours'] === '') return expect(row['Verdict']).toBe('skipped');
			// The table rounds to five digits; a verdict at the very edge of its tolerance could differ, and is then worth a look. A tolerance finer
			// than that is met where both figures round alike.
			const isAlike = isFinerThanFiveDigits(claim) && row['Ours'] === figure(claim.published.value);
			expect(row['Verdict']).toBe(isAlike ? 'reproduced' : judge(claim, Number(row['Ours'])));
		});
	});
}

function isFinerThanFiveDigits({ tolerance, published }: MeasuredClaim): boolean {
	if ('bound' in tolerance) return false;
	return ('relative' in tolerance ? tolerance.relative : tolerance.absolute / Math.abs(published.value)) < 1e-5;
}

test('figures are rounded to five digits', () => {
	expect([1234567, 0.000123456, -2.5, 0].map(figure)).toEqual(['1234600', '0.00012346', '-2.5', '0']);
});
