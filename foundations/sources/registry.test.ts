import { expect, test } from 'vitest';
import { openSource } from './fetch-source.ts';
import { findSource, sources } from './registry.ts';

test('names are unique and every entry is complete', () => {
	expect(new Set(sources.map((source) => source.name)).size).toBe(sources.length);
	for (const source of sources) {
		expect(source.sha256).toMatch(/^[0-9a-f]{64}$/);
		expect(source.url).toMatch(/^https:\/\//);
		expect(source.licence.length * source.citation.length).toBeGreaterThan(0);
	}
});

test('a misspelt name is answered with the nearest', () => {
	expect(() => findSource('azure-llm-2023-cod')).toThrow(/did you mean azure-llm-2023-code/);
});

test.skipIf(!process.env['ASSAY_DATA'])(
	'every source of the local mirror has the expected checksum (needs ASSAY_DATA)',
	async () => {
		for (const source of sources) expect((await openSource(source)).bytes).toBeGreaterThan(0);
	},
);
