/** The verbs under `assay papers`, run as processes. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';

const launcher = fileURLToPath(new URL('../assay.js', import.meta.url));

export interface Ended {
	readonly status: number | null;
	readonly out: string;
	readonly error: string;
}

export interface Start {
	readonly environment?: Readonly<Record<string, string>>;
	/** Written to standard input, which is then closed. */
	readonly input?: string;
	/** Sent once standard error holds this text. */
	readonly interruptAt?: string;
}

/** Runs a verb with a data folder, where the command is also given. */
export function assay(
	folder: string,
	words: readonly string[],
	{ environment = {}, input = '', interruptAt }: Start = {},
): Promise<Ended> {
	const env = { ...process.env, DATABASE_URL: '', NO_COLOR: '1', ...environment, ASSAY_HOME: folder };
	const child = spawn(process.execPath, [launcher, 'papers', ...words], { env, cwd: folder });
	let [out, error] = ['', ''];
	child.stdout.on('data', (chunk) => (out += chunk));
	child.stderr.on('data', (chunk) => {
		error += chunk;
		if (interruptAt !== undefined && error.includes(interruptAt) && !error.includes('stopping')) child.kill('SIGINT');
	});
	child.stdin.end(input);
	return new Promise((resolve) => child.on('close', (status) => resolve({ status, out, error })));
}

/** The JSON document of a verb that must succeed. */
export async function document(folder: string, words: readonly string[], start: Start = {}) {
	const ended = await assay(folder, [...words, '--json'], start);
	expect(ended.status, `${words.join(' ')}: ${ended.error}`).toBe(0);
	const parsed = JSON.parse(ended.out);
	expect(parsed.format).toBe(1);
	return parsed;
}

/** All of them, two at a time. */
export async function inTurn<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
	const results: Result[] = [];
	for (let i = 0; i < items.length; i += 2) results.push(...(await Promise.all(items.slice(i, i + 2).map(work))));
	return results;
}

export const slugsOf = ({ papers }: { papers: { slug: string }[] }): string[] => papers.map(({ slug }) => slug);
