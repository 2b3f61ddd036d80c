/** `npm run new-system -- <slug> <domain>`: a new system's folder from the template, and its entry in the catalog. */
import { cp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const projectRoot = fileURLToPath(new URL('../..', import.meta.url));

/** Writes `systems/<domain>/<slug>` under `root` and adds the slug to the catalog there. Raises an Error that says what to change. */
export async function createSystem(slug: string, domain: string, root = projectRoot): Promise<string> {
	for (const [what, name] of [
		['slug', slug],
		['domain', domain],
	] as const) {
		if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
			throw new Error(`${what} ${JSON.stringify(name)} is not lower-case words joined by hyphens`);
	}
	const folder = join(root, 'systems', domain, slug);
	if ((await stat(folder).catch(() => undefined)) !== undefined) throw new Error(`${folder} exists already`);
	const title = slug
		.split('-')
		.map((word) => word[0]?.toUpperCase() + word.slice(1))
		.join(' ');
	const catalog = await catalogWith(slug, root);
	await cp(join(projectRoot, 'tools/new-system/template'), folder, { recursive: true });
	await rm(join(folder, 'template.test.ts'));
	for (const name of await readdir(folder)) {
		const text = await readFile(join(folder, name), 'utf8');
		await writeFile(
			join(folder, name),
			text.replaceAll('template-system', slug).replaceAll('template-domain', domain).replaceAll('Template System', title),
		);
	}
	for (const [path, text] of catalog) await writeFile(path, text);
	return folder;
}

/** The catalog's files with one more system, entries in order. */
async function catalogWith(slug: string, root: string): Promise<Map<string, string>> {
	const listPath = join(root, 'workbench/catalog/systems.ts');
	const list = await readFile(listPath, 'utf8');
	const variable = slug.replace(/-([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
	const imports = /(?:^import \{ card as .*\n)+/m;
	const entries = /(?:^\t\{ card: .*\n)+/m;
	const importLine = `import { card as ${variable} } from '@assay/${slug}/card';`;
	const entryLine = `\t{ card: ${variable}, load: async () => (await import('@assay/${slug}')).default },`;
	if (!imports.test(list) || !entries.test(list)) throw new Error(`${listPath} has not the expected form`);
	const packagePath = join(root, 'workbench/catalog/package.json');
	const manifest: { dependencies: Record<string, string> } = JSON.parse(await readFile(packagePath, 'utf8'));
	manifest.dependencies[`@assay/${slug}`] = '*';
	manifest.dependencies = Object.fromEntries(Object.entries(manifest.dependencies).sort(([a], [b]) => (a < b ? -1 : 1)));
	const bySlug = (line: string): string => /@assay\/([a-z0-9-]+)/.exec(line)?.[1] ?? '';
	const insert = (block: string, line: string): string =>
		[...block.trimEnd().split('\n'), line]
			.sort((a, b) => (bySlug(a) < bySlug(b) ? -1 : 1))
			.join('\n')
			.concat('\n');
	return new Map([
		[listPath, list.replace(imports, (block) => insert(block, importLine)).replace(entries, (block) => insert(block, entryLine))],
		[packagePath, `${JSON.stringify(manifest, null, 2)}\n`],
	]);
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
	const [slug, domain] = process.argv.slice(2);
	try {
		if (slug === undefined || domain === undefined)
			throw new Error('usage: npm run new-system -- <slug> <domain>, for example: npm run new-system -- fusemax accelerators');
		const folder = await createSystem(slug, domain);
		process.stdout.write(
			`${folder} written and added to the catalog.\nNext: npm install, npm test -- ${slug}, then replace Amdahl's law by the paper's system.\n`,
		);
	} catch (error) {
		process.stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
		process.exitCode = 2;
	}
}
