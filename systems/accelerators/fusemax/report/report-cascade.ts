/** Panels of the cascade: its passes with the proof, what it keeps, its arithmetic, and the built-in ones beside it. */
import type { Panel, TablePanel } from '@assay/contract';
import { type ArithmeticFormat, largestExponent } from '@assay/models/einsum';
import type { Outputs } from '../outputs.ts';

const limit = (format: ArithmeticFormat): string => largestExponent[format].toFixed(2);

export function reportCascade(outputs: Outputs): Panel[] {
	const { cascade } = outputs;
	return [
		verdict(outputs),
		proof(outputs),
		lives(outputs),
		...(cascade.operations.some(({ points }) => points !== null) ? [work(outputs)] : []),
		...(cascade.numeric.length === 0 ? [] : [numeric(outputs)]),
		taxonomyTable(outputs),
	];
}

function verdict({ cascade: { text, analysis } }: Outputs): Panel {
	const { passes, rank, tensors, unsafeExponentials } = analysis;
	const kept = tensors.filter(({ footprint }) => footprint === 'fibre').map(({ tensor }) => tensor);
	const first =
		passes === null
			? `The cascade walks ${rank} once more with every generation; no number of passes is enough for all.`
			: `The cascade makes ${passes} ${passes === 1 ? 'pass' : 'passes'} over ${rank}.`;
	const second =
		kept.length === 0
			? `Nothing has to be kept for a whole ${rank}: what waits on the chip does not grow with its length.`
			: `Needed again in a later pass, and so kept for a whole ${rank}, computed again or sent to memory and back: ${kept.join(', ')}.`;
	const safety =
		unsafeExponentials.length === 0
			? []
			: [
					`Nothing bounds the exponentials of ${unsafeExponentials.join(', ')}: an argument above ${limit('float16')} overflows 16-bit floats, one above ${limit('float32')} 32-bit ones.`,
				];
	return { kind: 'text', title: `Passes over ${rank}`, paragraphs: [`${first} ${second}`, ...safety, text] };
}

function proof({ cascade: { analysis } }: Outputs): TablePanel {
	return {
		kind: 'table',
		title: 'Proof',
		note: 'In the order of computation. An Einsum that walks the rank and needs what is complete only at the end of a pass belongs to the next.',
		columns: [
			{ key: 'pass', label: 'Pass' },
			{ key: 'text', label: 'Einsum' },
			{ key: 'because', label: 'Because it' },
		],
		rows: analysis.einsums.map(({ pass, text, because }) => ({ pass, text, because })),
	};
}

function lives({ cascade: { analysis } }: Outputs): TablePanel {
	const holds = { fibre: `all of ${analysis.rank}`, tile: 'a tile', value: 'one number' } as const;
	return {
		kind: 'table',
		title: 'What must be kept',
		note: 'For each point of the other ranks, at least.',
		columns: [
			{ key: 'tensor', label: 'Tensor' },
			{ key: 'kind', label: 'Kind' },
			{ key: 'produced', label: 'From pass' },
			{ key: 'lastRead', label: 'to pass' },
			{ key: 'holds', label: 'Kept' },
		],
		rows: analysis.tensors.map(({ tensor, kind, produced, lastRead, footprint }) => ({
			tensor,
			kind,
			produced,
			lastRead,
			holds: holds[footprint],
		})),
	};
}

function work({ cascade: { operations, mapped } }: Outputs): TablePanel {
	return {
		kind: 'table',
		title: 'Work of the cascade',
		note: 'In one head at the longest length, tiles as large as the array. Cycles where the text maps the Einsum on an array.',
		columns: [
			{ key: 'tensor', label: 'Einsum' },
			{ key: 'points', label: 'Points' },
			{ key: 'exponentials', label: 'Exponentials' },
			{ key: 'divisions', label: 'Divisions' },
			{ key: 'array', label: 'Array' },
			{ key: 'cycles', label: 'Cycles' },
		],
		rows: operations.map((one) => {
			const map = mapped.find(({ einsum }) => einsum === one.tensor);
			return { ...one, array: map?.array ?? null, cycles: map?.cycles ?? null };
		}),
	};
}

function numeric({ cascade }: Outputs): TablePanel {
	return {
		kind: 'table',
		title: 'Arithmetic',
		note: 'The cascade on random tensors and on hard cases, against softmax in double precision. Every operation rounds to the format; sums stay in it.',
		columns: [
			{ key: 'which', label: 'Case' },
			{ key: 'format', label: 'Arithmetic' },
			{ key: 'maxError', label: 'Largest error' },
			{ key: 'overflowed', label: 'Overflowed' },
			{ key: 'invalid', label: 'No number' },
		],
		rows: cascade.numeric,
	};
}

function taxonomyTable({ taxonomy }: Outputs): TablePanel {
	return {
		kind: 'table',
		title: 'Formulations by passes',
		note: 'Found by the same analysis. Give a name as the cascade’s text to see its proof.',
		columns: [
			{ key: 'name', label: 'Cascade' },
			{ key: 'passes', label: 'Passes over m' },
			{ key: 'kept', label: 'Kept for all of m' },
			{ key: 'safe', label: 'Exponentials bounded' },
			{ key: 'title', label: 'What it is' },
			{ key: 'usedBy', label: 'Used by' },
		],
		rows: taxonomy.map(({ name, passes, kept, unsafe, title, usedBy }) => ({
			name,
			passes,
			kept: kept.join(', '),
			safe: unsafe ? 'no' : 'yes',
			title,
			usedBy,
		})),
	};
}
