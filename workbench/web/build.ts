/**
 * The built pages. A build lies in a folder named by the fingerprint of its source, is made aside and moved into its place:
 * programs that start at once, or run on an older build, never see half of one.
 */
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import type { ServerBuild } from 'react-router';

const folder = fileURLToPath(new URL('.', import.meta.url));
const house = join(folder, '..', '..');
const builds = join(folder, 'build');

/** Parts of the house that end up in the browser's files. */
const SOURCES = [
	'workbench/web/app',
	'workbench/web/public',
	'workbench/report',
	'workbench/runs',
	'workbench/catalog',
	'foundations',
	'systems',
];
const SINGLE = ['build.ts', 'vite.config.ts', 'react-router.config.ts', 'anywhere-systems.ts'].map(
	(name) => `workbench/web/${name}`,
);
/** Older builds that stay, for programs that still run on them. */
const KEPT_BUILDS = 3;

export interface BuiltPages {
	/** The server's side of the pages. */
	readonly build: ServerBuild;
	/** Folder of the files that browsers load. */
	readonly clientFolder: string;
}

/** The built pages, built first if need be. `onBuild` is called when that takes a moment. */
export async function openBuild(onBuild: () => void = () => undefined): Promise<BuiltPages> {
	const target = join(builds, await fingerprint());
	if (!existsSync(target)) {
		onBuild();
		await buildInto(target);
	}
	const server: ServerBuild = await import(pathToFileURL(join(target, 'server', 'index.js')).href);
	return { build: server, clientFolder: join(target, 'client') };
}

async function fingerprint(): Promise<string> {
	const hash = createHash('sha256');
	const files = (await Promise.all(SOURCES.map((source) => filesBelow(join(house, source))))).flat();
	for (const file of [...files.sort(), ...[...SINGLE, 'package-lock.json'].map((name) => join(house, name))])
		hash.update(file.slice(house.length)).update(await readFile(file));
	return hash.digest('hex').slice(0, 16);
}

async function filesBelow(root: string): Promise<string[]> {
	const entries = await readdir(root, { withFileTypes: true, recursive: true });
	return entries
		.filter(
			(entry) => entry.isFile() && !/\.(test|bench)\.tsx?$|\.md$/.test(entry.name) && !entry.parentPath.includes('node_modules'),
		)
		.map((entry) => join(entry.parentPath, entry.name));
}

async function buildInto(target: string): Promise<void> {
	const aside = join(builds, `.${randomBytes(6).toString('hex')}`);
	try {
		await mkdir(builds, { recursive: true });
		await run(aside);
		await compressFiles(join(aside, 'client'));
		await rename(aside, target).catch((error: unknown) => {
			// Another program has built the same in the meantime.
			if (!existsSync(target)) throw error;
		});
	} finally {
		await rm(aside, { recursive: true, force: true });
	}
	await forgetOldBuilds(target);
}

const compressors = { br: promisify(brotliCompress), gz: promisify(gzip) };

/** Puts `.br` and `.gz` beside each text, so that no reader waits for them to be made. */
async function compressFiles(client: string): Promise<void> {
	for (const file of (await filesBelow(client)).filter((name) => /\.(js|css|svg)$/.test(name))) {
		const content = await readFile(file);
		for (const [ending, compress] of Object.entries(compressors)) await writeFile(`${file}.${ending}`, await compress(content));
	}
}

async function forgetOldBuilds(current: string): Promise<void> {
	const names = (await readdir(builds)).filter((name) => /^[0-9a-f]{16}$/.test(name)).map((name) => join(builds, name));
	const dated = await Promise.all(names.map(async (path) => ({ path, at: (await stat(path)).mtimeMs })));
	const old = dated.filter(({ path }) => path !== current).sort((a, b) => b.at - a.at);
	for (const { path } of old.slice(KEPT_BUILDS)) await rm(path, { recursive: true, force: true });
}

function run(buildFolder: string): Promise<void> {
	const tool = join(dirname(createRequire(import.meta.url).resolve('@react-router/dev/package.json')), 'bin.cjs');
	const environment = { ...process.env, NODE_ENV: 'production', ASSAY_BUILD_FOLDER: buildFolder };
	return new Promise((resolve, reject) => {
		const child = spawn(process.execPath, [tool, 'build'], { cwd: folder, env: environment });
		let said = '';
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
		child.once('error', reject);
		child.once('close', (status) => (status === 0 ? resolve() : reject(new Error(`the pages could not be built:\n${said}`))));
	});
}
