/**
 * Which step is complete, and in which of the two state files it is: one line of JSON per step, written after that step's
 * state has reached the drive. A line cut short by a crash is no step. The first line holds what the training is, so that a
 * resumed one is the same one.
 */
import { createHash } from 'node:crypto';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError, show } from '@assay/contract';
import { z } from 'zod';

const record = z.strictObject({ step: z.int().min(0), file: z.union([z.literal(0), z.literal(1)]), loss: z.number().nullable() });
const line = z.strictObject({ check: z.string(), body: z.unknown() });

/** A complete step: the number of updates done, the state file that holds the result, and the loss before the update. */
export type JournalRecord = z.output<typeof record>;

const FILE = 'journal.jsonl';
const checkOf = (body: unknown): string => createHash('sha256').update(JSON.stringify(body)).digest('hex').slice(0, 16);
const write = (body: unknown): string => `${JSON.stringify({ check: checkOf(body), body })}\n`;

export interface Journal {
	/** Complete steps in order, the first being step 0. */
	readonly records: readonly JournalRecord[];
	/** Appends a step and waits until it is on the drive. */
	append(record: JournalRecord): Promise<void>;
}

/** Starts a journal. `settings` is JSON. */
export async function createJournal(folder: string, settings: unknown): Promise<void> {
	const file = await open(join(folder, FILE), 'wx');
	try {
		await file.writeFile(write({ settings }));
		await file.sync();
	} finally {
		await file.close();
	}
}

/**
 * Opens a journal; undefined where the folder has none. Raises an `InputError` where it belongs to another training or where its lines
 * before the last are damaged.
 */
export async function openJournal(folder: string, settings: unknown): Promise<Journal | undefined> {
	const path = join(folder, FILE);
	let text: string;
	try {
		text = await readFile(path, 'utf8');
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw error;
	}
	const { bodies, wholeBytes } = readLines(text);
	const wanted = JSON.stringify({ settings });
	if (JSON.stringify(bodies[0]) !== wanted) {
		throw new InputError({
			path: [FILE, 'line 1'],
			found: show(bodies[0]),
			expected: `the settings of this training, ${show({ settings })}; or a folder without a training`,
		});
	}
	const records = bodies.slice(1).map((body, index) => {
		const parsed = record.safeParse(body);
		if (parsed.success && parsed.data.step === index) return parsed.data;
		throw new InputError({ path: [FILE, `line ${index + 2}`], found: show(body), expected: `step ${index}` });
	});
	let end = wholeBytes;
	return {
		records,
		async append(next) {
			const file = await open(path, 'r+');
			try {
				// A line that a crash cut short is overwritten.
				await file.truncate(end);
				const { bytesWritten } = await file.write(write(next), end);
				await file.sync();
				end += bytesWritten;
			} finally {
				await file.close();
			}
			records.push(next);
		},
	};
}

/** Bodies of all whole lines, and the bytes they take; a last line that is cut short or damaged is left out. */
export function readLines(text: string): { bodies: unknown[]; wholeBytes: number } {
	const bodies: unknown[] = [];
	let wholeBytes = 0;
	const lines = text.split('\n');
	for (const [index, content] of lines.entries()) {
		const whole = index < lines.length - 1;
		const body = whole ? readLine(content) : undefined;
		if (body !== undefined) {
			bodies.push(body);
			wholeBytes += Buffer.byteLength(content) + 1;
		} else if (index < lines.length - 2)
			throw new InputError({ path: [FILE, `line ${index + 1}`], found: show(content), expected: 'a line as written' });
	}
	return { bodies, wholeBytes };
}

function readLine(content: string): unknown {
	try {
		const parsed = line.safeParse(JSON.parse(content));
		return parsed.success && parsed.data.check === checkOf(parsed.data.body) ? parsed.data.body : undefined;
	} catch {
		return undefined;
	}
}
