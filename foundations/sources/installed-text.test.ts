import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readInstalledText } from './installed-text.ts';

test('README files of packages, each text once, in the order of names; none of one platform alone', async () => {
	const root = await mkdtemp(join(tmpdir(), 'assay-packages-'));
	const add = async (name: string, readme: string, facts: object = {}) => {
		await mkdir(join(root, name), { recursive: true });
		await writeFile(join(root, name, 'README.md'), readme);
		await writeFile(join(root, name, 'package.json'), JSON.stringify({ name, ...facts }));
	};
	try {
		await add('b', 'second\r\nline');
		await add('@scope/a', 'first');
		await add('c', 'first');
		await add('linux-only', 'third', { os: ['linux'] });
		await add('long', 'x'.repeat(200_001));
		await mkdir(join(root, '.bin'));
		const { text, packages, sha256 } = await readInstalledText(root);
		expect(text).toBe('first\nsecond\nline');
		expect(packages).toBe(2);
		expect(sha256).toMatch(/^[0-9a-f]{64}$/);
	} finally {
		await rm(root, { recursive: true, force: true });
	}
});

test('beside this program there are megabytes of text', async () => {
	const { text, packages } = await readInstalledText();
	expect(packages).toBeGreaterThan(100);
	expect(text.length).toBeGreaterThan(1e6);
	expect(text).toContain('TypeScript');
});
