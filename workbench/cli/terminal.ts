/** What the command line writes: JSON documents, styled text, and progress on the error stream. */
import { once } from 'node:events';
import { styleText } from 'node:util';
import { formatDuration } from '@assay/report/format';
import type { TextStyle } from '@assay/report/text';

/** Version of the shape of every `--json` document; see docs/json.md. */
const JSON_FORMAT = 1;

export function printJson(document: Record<string, unknown>): void {
	process.stdout.write(`${JSON.stringify({ ...document, format: JSON_FORMAT }, null, 2)}\n`);
}

/** A document whose last member is a list, printed item by item: the list may be longer than memory. */
export async function printJsonList(
	document: Record<string, unknown>,
	name: string,
	items: AsyncIterable<unknown>,
): Promise<void> {
	const indented = (value: unknown, by: string): string => JSON.stringify(value, null, 2).replaceAll('\n', `\n${by}`);
	const write = async (text: string): Promise<void> => {
		if (!process.stdout.write(text)) await once(process.stdout, 'drain');
	};
	await write(JSON.stringify({ ...document, format: JSON_FORMAT }, null, 2).replace(/\n\}$/, `,\n  "${name}": [`));
	let parted = '\n    ';
	for await (const item of items) {
		await write(parted + indented(item, '    '));
		parted = ',\n    ';
	}
	await write(parted === '\n    ' ? ']\n}\n' : '\n  ]\n}\n');
}

export function print(text: string): void {
	process.stdout.write(`${text}\n`);
}

export function note(text: string): void {
	process.stderr.write(`${text}\n`);
}

export function terminalStyle(): TextStyle {
	// styleText itself heeds NO_COLOR, FORCE_COLOR and streams that are no terminal.
	return {
		bold: (text) => styleText('bold', text, { stream: process.stdout }),
		dim: (text) => styleText('dim', text, { stream: process.stdout }),
		width: Math.min(120, process.stdout.columns ?? 100),
	};
}

/**
 * Progress with an estimate, shown once work has taken two seconds: a line that is redrawn on a terminal, a line every
 * ten seconds elsewhere.
 */
export class Progress {
	private readonly started = performance.now();
	private lastShown = Number.NEGATIVE_INFINITY;
	private shown = false;

	update(fraction: number, what: string): void {
		const time = performance.now();
		const elapsed = (time - this.started) / 1000;
		if (elapsed < 2 || time - this.lastShown < (process.stderr.isTTY ? 100 : 10_000)) return;
		this.lastShown = time;
		const left = fraction > 0.02 ? `, ${formatDuration((elapsed / fraction) * (1 - fraction))} left` : '';
		const percent = `${String(Math.floor(fraction * 100)).padStart(3)} %`;
		if (process.stderr.isTTY) {
			const filled = Math.round(fraction * 24);
			const line = `${'█'.repeat(filled)}${'░'.repeat(24 - filled)} ${percent}${left}  ${what}`;
			process.stderr.write(`\r\x1b[2K${line.slice(0, Math.max(20, (process.stderr.columns ?? 100) - 1))}`);
			this.shown = true;
		} else process.stderr.write(`${percent}${left}  ${what}\n`);
	}

	/** Takes the line away. */
	clear(): void {
		if (this.shown) process.stderr.write('\r\x1b[2K');
		this.shown = false;
	}
}

/** Aborted by the first Ctrl-C (or SIGTERM); the second ends the program at once. */
export function stopSignal(): AbortSignal {
	const controller = new AbortController();
	const stop = (): void => {
		if (controller.signal.aborted) process.exit(130);
		note('\nstopping ...');
		controller.abort();
	};
	process.on('SIGINT', stop);
	process.on('SIGTERM', stop);
	return controller.signal;
}
