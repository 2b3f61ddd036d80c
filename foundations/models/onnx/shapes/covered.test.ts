import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coveredOperators } from './registry.ts';

test('the README lists the operators that are covered, and no others', () => {
	const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
	const table = readme.slice(
		readme.indexOf('<!-- operators -->') + '<!-- operators -->'.length,
		readme.indexOf('<!-- /operators -->'),
	);
	const rows = coveredOperators().map(
		({ domain, kind, names }) => `| ${domain === '' ? 'ai.onnx' : domain} | ${kind} | ${names.join(', ')} |`,
	);
	expect(table.trim()).toBe(['| domain | kind | operators |', '| --- | --- | --- |', ...rows].join('\n'));
});
