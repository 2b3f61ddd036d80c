/**
 * Reshapes a checkpoint that is a folder, of any size, without loading it:
 * `node systems/training/zaya-amd/reshape-command.ts <source folder> <layout.json> <target folder>`.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '@assay/contract';
import { reshapeFolder } from './reshape/checkpoint-folder.ts';
import { parseLayoutText } from './reshape/layout.ts';

// npm runs scripts in the package's folder and tells where the user stood.
const here = process.env['INIT_CWD'] ?? process.cwd();
const [source, layoutFile, target] = process.argv.slice(2);

try {
	if (source === undefined || layoutFile === undefined || target === undefined)
		throw new InputError({
			path: ['command line'],
			found: `${process.argv.length - 2} arguments`,
			expected: '<source folder> <layout.json> <target folder>',
		});
	const layoutText = readFileSync(resolve(here, layoutFile), 'utf8');
	const started = performance.now();
	const since = new Map<string, number>();
	const result = await reshapeFolder({
		source: resolve(here, source),
		target: resolve(here, target),
		layout: parseLayoutText(layoutText, layoutFile),
		layoutText,
		onProgress(fraction, note) {
			if (!since.has(note)) since.set(note, performance.now());
			if (process.stderr.isTTY) process.stderr.write(`\r${note} ${Math.floor(100 * fraction)} %\u001b[K`);
		},
	});
	if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
	const ended = performance.now();
	const copying = (since.get('checking the target') ?? ended) - (since.get('copying') ?? started);
	const rate = (milliseconds: number): string => `${(result.bytes / milliseconds / 1e3).toFixed(0)} MB/s`;
	process.stdout.write(
		`${target}: ${result.manifest.length} tensors, ${result.bytes} bytes in ${result.runs} runs; copied at ${rate(copying)}, ${rate(ended - started)} with SHA-256 before and after\n`,
	);
} catch (error) {
	const user = error instanceof InputError || (error instanceof Error && 'code' in error && error.code === 'ENOENT');
	if (!user) throw error;
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
}
