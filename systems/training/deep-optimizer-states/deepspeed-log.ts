/**
 * Reads the phases of steps from a DeepSpeed log written with `wall_clock_breakdown`: lines such as
 * `time (ms) | fwd: 209.1 | bwd: 4454.8 | bwd_inner: 971.4 | bwd_allreduce: 3483.2 | step: 2272.0` (older versions write `forward`
 * and `backward`). Other lines, and timers of single micro-steps, are passed over.
 */
import { type DataFile, InputError, quantileSorted, sortedCopy } from '@assay/contract';

/** Medians over the steps that count. */
export interface LoggedPhases {
	/** Steps found, with the first ones that do not count. */
	readonly steps: number;
	readonly forwardSeconds: number;
	readonly backwardSeconds: number;
	readonly updateSeconds: number;
	/** Whether the log ends within a step: its last figures are missing. */
	readonly isTruncated: boolean;
}

/** Steps at the start that warm up: memory is pinned and caches fill. */
const WARM_UP_STEPS = 2;
/** Longest line that is read; what is longer is no timing. */
const MAX_LINE = 20_000;
const MAX_STEPS = 10_000_000;

const FIGURE = /\b(fwd|forward|bwd|backward|step):\s*([0-9]+(?:\.[0-9]+)?(?:e[+-]?[0-9]+)?)(?![0-9.])/g;
const NAMES: Readonly<Record<string, 'forward' | 'backward' | 'update'>> = {
	fwd: 'forward',
	forward: 'forward',
	bwd: 'backward',
	backward: 'backward',
	step: 'update',
};

/** Reads a log. Raises an `InputError` if no step is whole. */
export async function readDeepSpeedLog(file: DataFile, pause: () => Promise<void>): Promise<LoggedPhases> {
	const forward: number[] = [];
	const backward: number[] = [];
	const update: number[] = [];
	let open: { forward?: number; backward?: number; update?: number } = {};
	let steps = 0;
	for await (const line of linesOf(file, pause)) {
		if (!line.includes('time (ms)') || line.includes('microstep')) continue;
		for (const [, name = '', figure = ''] of line.matchAll(FIGURE)) {
			const phase = NAMES[name];
			const milliseconds = Number(figure);
			if (phase === undefined || !(milliseconds >= 0 && milliseconds < 1e9)) continue;
			open[phase] = milliseconds / 1000;
		}
		if (open.forward === undefined || open.backward === undefined || open.update === undefined) continue;
		if (++steps > MAX_STEPS)
			throw new InputError({ path: [file.name], found: `more than ${MAX_STEPS} steps`, expected: 'a shorter log' });
		forward.push(open.forward);
		backward.push(open.backward);
		update.push(open.update);
		open = {};
	}
	if (steps === 0) {
		throw new InputError({
			path: [file.name],
			found: 'no step with fwd, bwd and step times',
			expected: 'a DeepSpeed log written with "wall_clock_breakdown": true',
		});
	}
	const median = (values: readonly number[]): number =>
		quantileSorted(sortedCopy(values.length > WARM_UP_STEPS ? values.slice(WARM_UP_STEPS) : values), 0.5);
	return {
		steps,
		forwardSeconds: median(forward),
		backwardSeconds: median(backward),
		updateSeconds: median(update),
		isTruncated: Object.keys(open).length > 0,
	};
}

/** Lines of a file as a stream; a line beyond the limit is cut there. */
async function* linesOf(file: DataFile, pause: () => Promise<void>): AsyncGenerator<string> {
	const decoder = new TextDecoder();
	let rest = '';
	for await (const chunk of file.stream()) {
		await pause();
		const text = rest + decoder.decode(chunk, { stream: true });
		const lines = text.split('\n');
		rest = (lines.pop() ?? '').slice(0, MAX_LINE);
		for (const line of lines) yield line.slice(0, MAX_LINE);
	}
	if (rest !== '') yield rest;
}
