import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createJournal, openJournal, readLines } from './journal.ts';

test('cut anywhere, a journal gives its whole lines and goes on after them', async () => {
	const folder = await mkdtemp(join(tmpdir(), 'assay-fuyou-journal-'));
	try {
		const path = join(folder, 'journal.jsonl');
		expect(await openJournal(folder, 'x')).toBeUndefined();
		await createJournal(folder, 'x');
		const journal = await openJournal(folder, 'x');
		for (let step = 0; step < 4; step++) await journal?.append({ step, file: step % 2 === 0 ? 0 : 1, loss: step / 3 });
		const text = await readFile(path, 'utf8');
		const first = text.indexOf('\n') + 1;
		for (let cut = first; cut <= text.length; cut += 7) {
			await writeFile(path, text.slice(0, cut));
			const again = await openJournal(folder, 'x');
			const whole = text.slice(0, cut).split('\n').length - 2;
			expect(again?.records).toHaveLength(whole);
			await again?.append({ step: whole, file: whole % 2 === 0 ? 0 : 1, loss: whole / 3 });
			expect((await openJournal(folder, 'x'))?.records).toHaveLength(whole + 1);
		}
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
});

test('any bytes give lines or an InputError', () => {
	const near = fc
		.array(
			fc.oneof(
				fc.string(),
				fc.jsonValue().map((body) => JSON.stringify({ check: '', body })),
			),
		)
		.map((lines) => lines.join('\n'));
	fc.assert(
		fc.property(fc.oneof(fc.string(), near), (text) => {
			try {
				readLines(text);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 500 },
	);
});
