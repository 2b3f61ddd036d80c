/**
 * The built pages: made by `react-router build` when there are none of the present source. Every state of the source has a
 * folder of its own, named by its hash: a server at work keeps its files when the source changes, and programs that start at
 * once do not get in each other's way.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { ServerBuild } from 'react-router';

const folder = fileURLToPath(new URL('.', import.meta.url));
const house = join(folder, '..', '..');
const builds = join(folder, 'build');
const DAY_MILLISECONDS = 86_400_000;

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
	const target = join(builds, (await fingerprint()).slice(0, 16));
	if (!existsSync(target)) {
		onBuild();
		await build(target);
		await forgetOthers(target);
	}
	const server: ServerBuild = await import(pathToFileURL(join(target, 'server', 'index.js')).href);
	return { build: server, clientFolder: join(target, 'client') };
}

/** Builds beside the target and moves the result there, so that a build is whole or absent; of two at once, the first one counts. */
async function build(target: string): Promise<void> {
	const own = `${target}.${process.pid}`;
	try {
		await runBuilder(own);
		await rename(own, target).catch((error: unknown) => {
			if (!existsSync(target)) throw error;
		});
	} finally {
		await rm(own, { recursive: true, force: true });
	}
}

/** Builds of earlier source go, but not those of the last day: a server may still be handing out their files. */
async function forgetOthers(target: string): Promise<void> {
	for (const name of await readdir(builds)) {
		const other = join(builds, name);
		if (other !== target && Date.now() - (await stat(other)).mtimeMs > DAY_MILLISECONDS)
			await rm(other, { recursive: true, force: true });
	}
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

function runBuilder(target: string): Promise<void> {
	const tool = join(dirname(createRequire(import.meta.url).resolve('@react-router/dev/package.json')), 'bin.cjs');
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [tool, 'build'], {
			cwd: folder,
			env: { ...process.env, NODE_ENV: 'production', ASSAY_BUILD_FOLDER: target },
		});
		let said = '';
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
		child.once('error', reject);
		child.once('close', (status) => (status === 0 ? resolve() : reject(new Error(`the pages could not be built:\n${said}`))));
	});
}
