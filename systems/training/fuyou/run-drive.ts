/** Measures a drive with fio, where that program is installed. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, type RunContext, show } from '@assay/contract';
import { FIO_COMMAND, fioParameters, readFio } from './fio.ts';
import type { Inputs } from './inputs.ts';
import type { Outputs } from './outputs.ts';
import { parentFolder, requireSpace } from './training-folder.ts';

const PROGRAM = 'fio';
const FILE_BYTES = 1e9;
const SECONDS_PER_JOB = 5;

/** Sequential reads, writes, and both at once, of 1 MiB with 32 under way. Raises an `InputError` where there is no fio or it fails. */
export async function runDrive(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'starting fio');
	const parent = await parentFolder(inputs.train.folder);
	await requireSpace(parent, 1.2 * FILE_BYTES);
	const folder = await mkdtemp(join(parent, 'assay-fuyou-'));
	try {
		const text = await runFio(fioParameters(join(folder, 'fio.tmp'), '1G', SECONDS_PER_JOB), context.signal);
		const rates = readFio(text, 'fio.json');
		await context.artifact('fio.json', text, 'application/json');
		context.progress(1, 'done');
		const giga = (value: number): string => (value / 1e9).toFixed(2);
		return {
			answer: `The drive under ${parent} reads ${giga(rates.readBytesPerSecond)} GB/s and writes ${giga(rates.writeBytesPerSecond)} GB/s (measured with fio).`,
			plan: null,
			training: null,
			drive: { measured: true, ...rates },
		};
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

function runFio(parameters: readonly string[], signal: AbortSignal): Promise<string> {
	return new Promise((resolve, reject) => {
		const child = spawn(PROGRAM, parameters, { stdio: ['ignore', 'pipe', 'pipe'] });
		const stop = (): void => void child.kill();
		signal.addEventListener('abort', stop, { once: true });
		let said = '';
		let complaint = '';
		child.stdout.setEncoding('utf8').on('data', (text: string) => {
			said += text;
		});
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			complaint += text;
		});
		child.on('error', () =>
			reject(
				new InputError({
					path: ['mode'],
					found: 'measure-drive without the program fio',
					expected: `fio installed, or its output elsewhere as workstation.fio: ${FIO_COMMAND}`,
				}),
			),
		);
		child.on('close', (code) => {
			signal.removeEventListener('abort', stop);
			if (signal.aborted) reject(signal.reason);
			else if (code === 0) resolve(said);
			else
				reject(
					new InputError({
						path: ['mode'],
						found: `fio's complaint ${show(complaint.trim())}`,
						expected: 'a drive that fio can measure',
					}),
				);
		});
	});
}
