/** A training is killed while it writes state back, and one runs into a full drive. Both are real processes. */
import { spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { StreamingTrainer } from './streaming-trainer.ts';
import { crashOptions } from './testing/train-until-killed.ts';

const program = fileURLToPath(new URL('./testing/train-until-killed.ts', import.meta.url));

let folder: string;
beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'assay-fuyou-crash-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Starts the program; resolves when it has said a line that fits. */
function start(...parameters: string[]) {
	const child = spawn(process.execPath, [program, ...parameters], { stdio: ['ignore', 'pipe', 'inherit'] });
	let said = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => {
		said += text;
	});
	const ended = new Promise<number | null>((resolve) => child.on('exit', (code) => resolve(code)));
	const says = async (wanted: string): Promise<void> => {
		while (!said.includes(wanted)) {
			if (child.exitCode !== null) throw new Error(`ended before it said ${wanted}: ${said}`);
			await sleep(2);
		}
	};
	return { child, says, ended };
}

async function parametersAfter(steps: number, inFolder: string): Promise<{ weights: Float32Array; found: number }> {
	const trainer = await StreamingTrainer.open({ ...crashOptions, folder: inFolder });
	try {
		const found = trainer.steps;
		while (trainer.steps < steps) await trainer.step();
		return { weights: await trainer.parameters(), found };
	} finally {
		await trainer.close();
	}
}

test('killed while state is written back, a training goes on after its last complete step with the same bits', async () => {
	const straight = await parametersAfter(4, join(folder, 'straight'));
	for (const [round, delay] of [0, 60].entries()) {
		const inFolder = join(folder, String(round));
		// So slow a drive that writing takes most of a step.
		const { child, says, ended } = start(inFolder, '100', '15000000');
		await says('step 2');
		const written = (await stat(join(inFolder, 'state.1.bin'))).mtimeMs;
		// Step 3 writes into the second file; the kill comes after its first write.
		while ((await stat(join(inFolder, 'state.1.bin'))).mtimeMs === written && child.exitCode === null) await sleep(1);
		await sleep(delay);
		child.kill('SIGKILL');
		await ended;
		const resumed = await parametersAfter(4, inFolder);
		expect(resumed.found).toBeGreaterThanOrEqual(2);
		expect(resumed.found).toBeLessThanOrEqual(3);
		expect(resumed.weights).toEqual(straight.weights);
	}
});

test('a drive that runs full ends the training with the system’s code, and scratch files are removed', async () => {
	// The shell's limit on file sizes makes writes beyond it fail as on a full drive.
	const limited = `trap '' XFSZ; ulimit -f 1024; exec "${process.execPath}" "${program}" "${folder}" 3`;
	const child = spawn('bash', ['-c', limited], { stdio: ['ignore', 'pipe', 'pipe'] });
	let complaint = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		complaint += text;
	});
	const code = await new Promise<number | null>((resolve) => child.on('exit', resolve));
	expect(code).not.toBe(0);
	expect(complaint).toMatch(/EFBIG|ENOSPC/);
	expect(await readdir(folder)).not.toContain('activations.bin');
	expect(await readdir(folder)).not.toContain('gradients.bin');
	await expect(readFile(join(folder, 'journal.jsonl'))).rejects.toThrow(/ENOENT/);
});
