/** The command line as its users meet it: as a process. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

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

/** Starts `assay` with a data folder, where the command is also given. */
export function startAssay(
	folder: string,
	words: readonly string[],
	{ environment = {}, input = '', interruptAt }: Start = {},
): { readonly process: ChildProcess; readonly ended: Promise<Ended> } {
	const env = { ...process.env, DATABASE_URL: '', NO_COLOR: '1', ...environment, ASSAY_HOME: folder };
	const child = spawn(process.execPath, [launcher, ...words], { env, cwd: folder });
	let [out, error] = ['', ''];
	child.stdout.on('data', (chunk) => (out += chunk));
	child.stderr.on('data', (chunk) => {
		error += chunk;
		if (interruptAt !== undefined && error.includes(interruptAt) && !error.includes('stopping')) child.kill('SIGINT');
	});
	child.stdin.end(input);
	return { process: child, ended: new Promise((resolve) => child.on('close', (status) => resolve({ status, out, error }))) };
}
