/** Which inputs of a sweep matter most for an output, as text and as JSON. */
import { textTable, wrap } from '@assay/report/text';
import { RunStore, sweepSensitivity } from '@assay/runs';
import { type Share, sensitivityBasis, sensitivitySentence } from '@assay/sensitivity';
import { print, printJson, terminalStyle } from '../terminal.ts';

/** `assay sweeps sensitivity <sweep>` */
export async function sensitivityVerb(
	id: string,
	options: { readonly output: readonly string[]; readonly json?: true },
): Promise<void> {
	const store = await RunStore.open();
	try {
		const { id: sweep } = await store.getSweep(id);
		if (options.json === true) {
			const found = [];
			for (const output of options.output) found.push(await sensitivityDocument(store, sweep, output));
			return printJson({ sensitivity: found });
		}
		const texts = [];
		for (const output of options.output) texts.push(await sensitivityText(store, sweep, output));
		print(texts.join('\n\n'));
	} finally {
		await store.close();
	}
}

export async function sensitivityDocument(store: RunStore, sweep: string, output: string) {
	const result = await sweepSensitivity(store, sweep, output);
	return { output, says: sensitivitySentence(result, output), ...result };
}

export async function sensitivityText(store: RunStore, sweep: string, output: string): Promise<string> {
	const result = await sweepSensitivity(store, sweep, output);
	const style = terminalStyle();
	const sentence = wrap(sensitivitySentence(result, output), style.width);
	if (!result.isKnown) return sentence;
	const hasAlone = result.factors.some(({ alone }) => alone !== null);
	const columns = [
		{ key: 'input', label: 'Input' },
		...(hasAlone ? [{ key: 'alone', label: 'By itself' }] : []),
		{ key: 'total', label: 'With others' },
	];
	const rows = result.factors.map(({ name, alone, total }) => ({
		input: name,
		alone: alone === null ? null : percent(alone),
		total: percent(total),
	}));
	return `${sentence}\n${style.dim(wrap(sensitivityBasis(result), style.width))}\n\n${textTable(columns, rows, style)}`;
}

function percent({ value, low, high }: Share): string {
	const digits = (share: number): string => (100 * share).toFixed(1);
	return low === high ? `${digits(value)} %` : `${digits(value)} % (${digits(low)} to ${digits(high)})`;
}
