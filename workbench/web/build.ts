/** The built pages: made by `react-router build` when they are missing or older than their source. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServerBuild } from 'react-router';

const folder = fileURLToPath(new URL('.', import.meta.url));
const house = join(folder, '..', '..');
const stamp = join(folder, 'build', 'source.sha256');

/** Parts of the house that end up in the browser's files. */
const SOURCES = ['workbench/web/app', 'workbench/web/public', 'workbench/report', 'workbench/catalog', 'foundations', 'systems'];
const SINGLE = ['workbench/web/vite.config.ts', 'workbench/web/react-router.config.ts', 'package-lock.json'];

export interface BuiltPages {
	/** The server's side of the pages. */
	readonly build: ServerBuild;
	/** Folder of the files that browsers load. */
	readonly clientFolder: string;
}

/** The built pages, built first if need be. `onBuild` is called when that takes a moment. */
export async function openBuild(onBuild: () => void = () => undefined): Promise<BuiltPages> {
	await ensureBuilt(onBuild);
	const server: ServerBuild = await import(new URL('./build/server/index.js', import.meta.url).href);
	return { build: server, clientFolder: join(folder, 'build', 'client') };
}

async function ensureBuilt(onBuild: () => void): Promise<void> {
	const source = await fingerprint();
	const built = existsSync(stamp) ? await readFile(stamp, 'utf8') : '';
	if (built === source) return;
	onBuild();
	await build();
	await writeFile(stamp, source);
}

async function fingerprint(): Promise<string> {
	const hash = createHash('sha256');
	const files = (await Promise.all(SOURCES.map((source) => filesBelow(join(house, source))))).flat();
	for (const file of [...files.sort(), ...SINGLE.map((name) => join(house, name))])
		hash.update(file.slice(house.length)).update(await readFile(file));
	return hash.digest('hex');
}

async function filesBelow(root: string): Promise<string[]> {
	const entries = await readdir(root, { withFileTypes: true, recursive: true });
	return entries
		.filter(
			(entry) => entry.isFile() && !/\.(test|bench)\.tsx?$|\.md$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
		)
		.map((entry) => join(entry.parentPath, entry.name));
}

function build(): Promise<void> {
	const tool = join(dirname(createRequire(import.meta.url).resolve('@react-router/dev/package.json')), 'bin.cjs');
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [tool, 'build'], { cwd: folder, env: { ...process.env, NODE_ENV: 'production' } });
		let said = '';
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
		child.once('error', reject);
		child.once('close', (status) => (status === 0 ? resolve() : reject(new Error(`the pages could not be built:\n${said}`))));
	});
}
