import { catalog, findSystem } from '@assay/catalog';
import { InputError, isErrorAbsolute, nearestName, show } from '@assay/contract';
import { formatDuration, formatNumber } from '@assay/report/format';
import { textTable, wrap } from '@assay/report/text';
import { type ClaimVerdict, LocalExecutor, RunStore, reproduce } from '@assay/runs';
import { dataFolder } from '@assay/sources';
import { EXIT } from '../failure.ts';
import { integerOption } from '../read-inputs.ts';
import { note, Progress, print, printJson, stopSignal, terminalStyle } from '../terminal.ts';

interface ReproduceOptions {
	readonly claim: readonly string[];
	readonly quick?: true;
	readonly seed: string;
	readonly threads?: string;
	readonly json?: true;
}

/** `assay reproduce [system]` */
export async function reproduceVerb(slug: string | undefined, options: ReproduceOptions): Promise<void> {
	const entries = slug === undefined ? catalog : [findSystem(slug)];
	const seed = integerOption(options.seed, 'seed', 0, 2 ** 32 - 1);
	const store = await RunStore.open();
	const threads = options.threads === undefined ? {} : { threadsPerRun: integerOption(options.threads, 'threads', 1, 256) };
	const executor = new LocalExecutor(dataFolder(), threads);
	const signal = stopSignal();
	const results: { system: string; claims: readonly ClaimVerdict[] }[] = [];
	try {
		for (const entry of entries) {
			const system = await entry.load();
			const known = system.claims.map((claim) => claim.id);
			for (const id of options.claim) {
				if (slug !== undefined && !known.includes(id)) {
					throw new InputError({
						path: ['--claim'],
						found: show(id),
						expected: `one of ${known.join(', ')}`,
						nearest: nearestName(id, known),
					});
				}
			}
			const wanted = system.claims.filter(
				(claim) =>
					(options.claim.length === 0 || options.claim.includes(claim.id)) &&
					(options.quick !== true || claim.evidence === 'quoted' || claim.effort === 'seconds'),
			);
			const progress = new Progress();
			const { outcome, ...result } = await reproduce(
				store,
				executor,
				{ system: entry.card.slug, claims: wanted.map((claim) => claim.id), seed },
				signal,
				{
					onProgress: (fraction, what) => progress.update(fraction, what),
					onVerdict: (verdict) => {
						progress.clear();
						if (options.json !== true) note(`${verdict.id}: ${verdict.verdict} (${formatDuration(verdict.seconds)})`);
					},
				},
			);
			progress.clear();
			results.push(result);
			if (options.json !== true) print(verdictTable(entry.card.title, result.claims));
			if (outcome.kind === 'stopped') {
				process.exitCode = EXIT.stopped;
				break;
			}
			if (outcome.kind === 'failed') {
				note(outcome.message);
				process.exitCode = EXIT.failure;
			}
		}
	} finally {
		await executor.close();
		await store.close();
	}
	if (options.json !== true) return;
	const [only] = results;
	printJson(slug !== undefined && only !== undefined ? { ...only } : { systems: results });
}

function verdictTable(title: string, claims: readonly ClaimVerdict[]): string {
	const style = terminalStyle();
	const rows = claims.map((claim) => ({
		id: claim.id,
		says: claim.says,
		published: claim.published.value,
		ours: claim.ours,
		unit: claim.published.unit,
		error: errorText(claim),
		verdict: claim.verdict,
	}));
	const columns = [
		{ key: 'id', label: 'Claim' },
		{ key: 'published', label: 'Published' },
		{ key: 'ours', label: 'Ours' },
		{ key: 'unit', label: 'Unit' },
		{ key: 'error', label: 'Error (tolerance)' },
		{ key: 'verdict', label: 'Verdict' },
		{ key: 'says', label: 'What it says' },
	];
	const counts = (['reproduced', 'off', 'quoted', 'skipped'] as const).map(
		(verdict) => `${claims.filter((claim) => claim.verdict === verdict).length} ${verdict}`,
	);
	const comments = claims
		.filter((claim) => claim.comment !== null)
		.map((claim) => wrap(`${claim.id}: ${claim.comment}`, style.width));
	return [
		`\n${style.bold(title)}`,
		textTable(columns, rows, style),
		style.dim(comments.join('\n')),
		style.bold(counts.join(', ')),
	]
		.filter((part) => part !== '')
		.join('\n');
}

function errorText({ error, tolerance, published }: ClaimVerdict): string {
	if (error === null || tolerance === null) return '–';
	const sign = error >= 0 ? '+' : '−';
	const isAbsolute = isErrorAbsolute({ tolerance, published });
	const size = `${sign}${formatNumber(Math.abs(error) * (isAbsolute ? 1 : 100), 3)}${isAbsolute ? '' : ' %'}`;
	if ('bound' in tolerance) return `${size} (${tolerance.bound})`;
	return `${size} (${'absolute' in tolerance ? formatNumber(tolerance.absolute, 3) : `${formatNumber(tolerance.relative * 100, 3)} %`})`;
}
