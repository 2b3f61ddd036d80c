/** Which inputs of a sweep matter most for one of its outputs. */
import { InputError, nearestName, show } from '@assay/contract';
import type { Sensitivity } from '@assay/sensitivity';
import type { RunStore } from '../run-store.ts';
import { runInParallel } from '../thread-pool.ts';
import { listResultColumns, numbersOf, readResultColumns, takeInResults } from './result-columns.ts';
import { sensitivityTask } from './sensitivity-task.ts';

/** Answers that are kept. */
const MOST_KEPT = 200;

/** Answers of each store, by sweep, output and the state of the sweep's runs. */
const kept = new WeakMap<RunStore, Map<string, Promise<Sensitivity>>>();

/**
 * Shares of the variance of an output (a path as `latency.p99`) among a sweep's runs, for each input in which they differ. Computed once for
 * each state of the runs. Raises an InputError for a path that no run has a number at.
 */
export async function sweepSensitivity(store: RunStore, sweep: string, output: string): Promise<Sensitivity> {
	await takeInResults(store, sweep);
	const columns = await listResultColumns(store.database, sweep);
	const numbers = columns.flatMap(({ path, isNumeric }) =>
		isNumeric && path.startsWith('outputs.') ? [path.slice('outputs.'.length)] : [],
	);
	if (!numbers.includes(output))
		throw new InputError({
			path: ['output'],
			found: show(output),
			expected: `the path of a number among the outputs${numbers.length === 0 ? '' : `, for example ${numbers.slice(0, 3).join(', ')}`}`,
			nearest: nearestName(output, numbers),
		});
	const stamps = await store.database
		.selectFrom('result_blocks')
		.select(['block', 'stamp'])
		.where('sweep', '=', sweep)
		.orderBy('block')
		.execute();
	const key = JSON.stringify([sweep, output, stamps]);
	const answers = kept.get(store) ?? new Map<string, Promise<Sensitivity>>();
	kept.set(store, answers);
	const known = answers.get(key);
	if (known !== undefined) return known;
	const answer = answerOf(
		store,
		sweep,
		output,
		columns.flatMap(({ path, varies }) => (varies && path.startsWith('inputs.') ? [path] : [])),
	);
	answers.set(key, answer);
	for (const oldest of answers.keys()) if (answers.size > MOST_KEPT) answers.delete(oldest);
	// What failed is tried again.
	answer.catch(() => answers.delete(key));
	return answer;
}

async function answerOf(store: RunStore, sweep: string, output: string, inputs: readonly string[]): Promise<Sensitivity> {
	const figure = `outputs.${output}`;
	const columns = await readResultColumns(store.database, sweep, [...inputs, figure]);
	const factors = inputs.map((path) => ({ name: path.slice('inputs.'.length), values: columns.cells.get(path) ?? [] }));
	const question = { factors, outputs: numbersOf(columns, figure) };
	const [answer] = await runInParallel(sensitivityTask, [question], 1, new AbortController().signal);
	return answer ?? { isKnown: false, reason: 'No run has this output.' };
}
