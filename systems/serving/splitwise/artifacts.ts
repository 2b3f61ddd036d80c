/** The files a simulation keeps: one row per request, per run of iterations, per wait for memory. */
import { csvCell, type RunContext } from '@assay/contract';
import type { Evaluation } from './evaluate.ts';
import type { SimulationResult } from './simulate.ts';
import { e2eSeconds, queueSeconds, tbtSeconds, ttftSeconds } from './slo.ts';
import type { RequestTrace } from './trace/request-trace.ts';

type Files = Pick<RunContext, 'artifact' | 'pause' | 'log'>;

/** More rows than this are left out of the Gantt file, and the log says so. */
const ganttRows = 500_000;

async function writeCsv(name: string, header: string, rows: number, row: (index: number) => string, files: Files): Promise<void> {
	const lines = [header];
	for (let i = 0; i < rows; i++) {
		lines.push(row(i));
		if (i % 1024 === 1023) await files.pause();
	}
	await files.artifact(name, `${lines.join('\n')}\n`, 'text/csv');
}

const figure = (value: number): string => (Number.isFinite(value) ? String(value) : '');

/** `requests.csv`: every request in order of arrival; empty cells for what never happened. Times in seconds. */
export async function writeRequests(trace: RequestTrace, evaluation: Evaluation, files: Files): Promise<void> {
	const { requests } = evaluation.simulation;
	const { slowdowns } = evaluation;
	await writeCsv(
		'requests.csv',
		'request,arrival_s,prompt_tokens,output_tokens,state,prompt_machine,token_machine,queue_s,ttft_s,tbt_s,e2e_s,second_token_delay_s,ttft_slowdown,tbt_slowdown,e2e_slowdown',
		requests.count,
		(i) => {
			const ended = !Number.isNaN(requests.end[i] as number);
			const state = requests.rejected[i] === 1 ? 'rejected' : ended ? 'completed' : 'unfinished';
			const second = (requests.tokenStart[i] as number) - (requests.promptEnd[i] as number);
			return [
				csvCell(trace.identifiers?.[i] ?? String(i)),
				figure(requests.arrivalSeconds[i] as number),
				String(requests.promptTokens[i]),
				String(requests.outputTokens[i]),
				state,
				String(requests.promptMachine[i]),
				String(requests.tokenMachine[i]),
				figure(queueSeconds(requests, i)),
				figure(ttftSeconds(requests, i)),
				figure(tbtSeconds(requests, i)),
				figure(e2eSeconds(requests, i)),
				figure(second),
				figure(slowdowns.ttft[i] as number),
				figure(slowdowns.tbt[i] as number),
				figure(slowdowns.e2e[i] as number),
			].join(',');
		},
		files,
	);
}

/** `machine-iterations.csv`: every run of iterations on every machine. */
export async function writeGantt({ spans }: SimulationResult, files: Files): Promise<void> {
	if (spans === undefined) return;
	if (spans.length > ganttRows)
		files.log('warning', `machine-iterations.csv holds the first ${ganttRows} of ${spans.length} runs`);
	const [tracks, kinds, starts, ends, tokens] = [
		spans.track.view(),
		spans.kind.view(),
		spans.start.view(),
		spans.end.view(),
		spans.value.view(),
	];
	await writeCsv(
		'machine-iterations.csv',
		'machine,phase,start_s,end_s,batch_tokens',
		Math.min(spans.length, ganttRows),
		(i) => `${tracks[i]},${['prompt', 'token', 'mixed'][kinds[i] as number]},${starts[i]},${ends[i]},${tokens[i]}`,
		files,
	);
}

/** `memory-waits.csv`: the first thousand times that work waited for memory, and `mixed-pool.csv`: every machine borrowed and returned. */
export async function writeMemoryWaits({ memoryWaits, borrows }: SimulationResult, files: Files): Promise<void> {
	await writeCsv(
		'memory-waits.csv',
		'time_s,machine,used_bytes,waiting_requests,cause',
		memoryWaits.length,
		(i) => {
			const one = memoryWaits[i];
			return one === undefined ? '' : `${one.seconds},${one.machine},${one.usedBytes},${one.waitingRequests},${one.cause}`;
		},
		files,
	);
	await writeCsv(
		'mixed-pool.csv',
		'time_s,machine,change',
		borrows.length,
		(i) => {
			const one = borrows[i];
			return one === undefined ? '' : `${one.seconds},${one.machine},${one.change}`;
		},
		files,
	);
}
