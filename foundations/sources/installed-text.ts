/**
 * English text that needs no download: the README files of the packages installed beside this program. Technical prose with much
 * Markdown and code, some megabytes; which packages there are depends on the installation, so a result made from it names its hash.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface InstalledText {
	/** All files, each once, in the order of their packages' names. */
	readonly text: string;
	readonly packages: number;
	readonly sha256: string;
}

/** Longer files are lists and generated references rather than prose. */
const MAX_FILE_BYTES = 200_000;

/** Reads the README of every package in `folder` (this program's own node_modules unless told) that is not made for one platform alone. */
export async function readInstalledText(folder?: string): Promise<InstalledText> {
	const root = folder ?? (await nearestPackages());
	const texts = new Set<string>();
	for (const name of await packageNames(root)) {
		const text = await readmeOf(join(root, name));
		if (text !== undefined) texts.add(text);
	}
	const text = [...texts].join('\n');
	return { text, packages: texts.size, sha256: createHash('sha256').update(text).digest('hex') };
}

async function nearestPackages(): Promise<string> {
	let folder = dirname(fileURLToPath(import.meta.url));
	for (;;) {
		const found = join(folder, 'node_modules');
		const holdsPackages = await readdir(found).then(
			(names) => names.includes('zod'),
			() => false,
		);
		if (holdsPackages) return found;
		const above = dirname(folder);
		if (above === folder) throw new Error('no installed packages beside this program');
		folder = above;
	}
}

async function packageNames(root: string): Promise<string[]> {
	const names: string[] = [];
	for (const entry of await readdir(root, { withFileTypes: true })) {
		// The program's own workspaces are links.
		if (!entry.isDirectory() || entry.name.startsWith('.')) continue;
		if (!entry.name.startsWith('@')) names.push(entry.name);
		else
			for (const inner of await readdir(join(root, entry.name), { withFileTypes: true }))
				if (inner.isDirectory()) names.push(`${entry.name}/${inner.name}`);
	}
	return names.sort();
}

async function readmeOf(folder: string): Promise<string | undefined> {
	const files = await readdir(folder);
	const readme = files.filter((name) => /^readme\.(md|markdown)$/i.test(name)).sort()[0];
	if (readme === undefined || !files.includes('package.json')) return undefined;
	const facts: unknown = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
	if (typeof facts === 'object' && facts !== null && ('os' in facts || 'cpu' in facts)) return undefined;
	const bytes = await readFile(join(folder, readme));
	return bytes.byteLength > MAX_FILE_BYTES ? undefined : bytes.toString('utf8').replaceAll('\r\n', '\n');
}
