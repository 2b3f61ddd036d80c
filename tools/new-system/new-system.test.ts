import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSystem } from './new-system.ts';

const project = fileURLToPath(new URL('../..', import.meta.url));
let root: string;

beforeAll(async () => {
	root = await mkdtemp(join(tmpdir(), 'assay-new-system-'));
	await cp(join(project, 'workbench/catalog'), join(root, 'workbench/catalog'), { recursive: true });
});
afterAll(() => rm(root, { recursive: true, force: true }));

test('writes a folder named throughout after the system and enters it in the catalog in order', async () => {
	const folder = await createSystem('my-queue', 'serving', root);
	expect(await readFile(join(folder, 'card.ts'), 'utf8')).toContain("slug: 'my-queue'");
	expect(await readFile(join(folder, 'README.md'), 'utf8')).toMatch(/^# My Queue\n/);
	expect(await readFile(join(folder, 'package.json'), 'utf8')).toContain('"@assay/my-queue"');
	const list = await readFile(join(root, 'workbench/catalog/systems.ts'), 'utf8');
	const slugs = [...list.matchAll(/import\('@assay\/([a-z0-9-]+)'\)/g)].map((match) => match[1]);
	expect(slugs).toContain('my-queue');
	expect(slugs).toEqual([...slugs].sort());
});

test('refuses a name that is taken and a name that is none', async () => {
	await expect(createSystem('my-queue', 'serving', root)).rejects.toThrow(/exists already/);
	await expect(createSystem('../x', 'serving', root)).rejects.toThrow(/lower-case/);
});
