/** Number formats side by side: every value that there is, how finely each rounds, and the error on one's own numbers. */
import { createRandom, formatPath, InputError } from '@assay/contract';
import { parseNumbersText } from '@assay/models/tensors';
import { FORMAT_NAMES, formatPanels, parseFormat } from '@assay/numerics';
import { data, Form, type LoaderFunctionArgs, useLoaderData } from 'react-router';
import { useSite } from '../components/frame.tsx';
import { pageMeta } from '../components/meta.ts';
import { Panels } from '../components/panels.tsx';

export const meta = () =>
	pageMeta('Number formats', 'What a number format can represent, how finely, and what becomes of your values in it.');

const FIRST_CHOICE = 'e4m3, posit(8,1), int8, mxfp4, bfp12_32';
const MOST_FORMATS = 8;
const MOST_CHARACTERS = 12_000;
const SAMPLES = {
	normal: '20,000 normal numbers',
	outliers: '20,000 normal numbers, one in a thousand 20 times as large',
} as const;

function sample(kind: keyof typeof SAMPLES): Float32Array {
	const random = createRandom(1);
	return Float32Array.from({ length: 20_000 }, (_, i) => random.normal() * (kind === 'outliers' && i % 1000 === 0 ? 20 : 1));
}

export function loader({ request }: LoaderFunctionArgs) {
	const query = new URL(request.url).searchParams;
	const names = query.get('formats') ?? FIRST_CHOICE;
	const kind = query.get('sample') === 'outliers' ? 'outliers' : 'normal';
	const own = (query.get('values') ?? '').slice(0, MOST_CHARACTERS);
	const asked = { names, kind, own } as const;
	try {
		const values = own.trim() === '' ? sample(kind) : ownValues(own);
		const panels = formatPanels(readNames(names), values, own.trim() === '' ? SAMPLES[kind] : `your ${values.length} numbers`);
		return data({ asked, panels, problem: null });
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		return data({ asked, panels: [], problem: `${formatPath(error.path)}: ${error.message}` }, { status: 422 });
	}
}

/** Names are parted by commas or spaces outside parentheses. */
function readNames(text: string) {
	const names = text.match(/[^\s,(]+(\([^)]*\))?/g) ?? [];
	if (names.length === 0 || names.length > MOST_FORMATS)
		throw new InputError({ path: ['formats'], found: `${names.length} names`, expected: `1 to ${MOST_FORMATS}` });
	return names.map((name, index) => parseFormat(name, ['formats', index]));
}

function ownValues(text: string): Float32Array {
	const { values } = parseNumbersText(text, 'values');
	const bad = values.findIndex((value) => !Number.isFinite(value));
	if (bad >= 0) throw new InputError({ path: ['values', bad], found: String(values[bad]), expected: 'finite numbers' });
	return values;
}

export default function Formats() {
	const { asked, panels, problem } = useLoaderData<typeof loader>();
	const { isStatic } = useSite();
	return (
		<>
			<header className="page-head">
				<h1>Number formats</h1>
				<p className="lede">
					Small floats, microscaling, block floating point, posits and integers, side by side: what each can represent, how
					finely, and what becomes of values in it.
				</p>
			</header>
			{problem !== null && (
				<div className="message bad" role="alert">
					<p>{problem}</p>
				</div>
			)}
			{!isStatic && (
				<Form className="search-form" aria-label="Formats to compare">
					<div className="field wide">
						<label htmlFor="formats">Formats</label>
						<input
							id="formats"
							name="formats"
							defaultValue={asked.names}
							key={asked.names}
							maxLength={400}
							list="format-names"
							aria-describedby="formats-help"
						/>
						<datalist id="format-names">
							{FORMAT_NAMES.map((name) => (
								<option key={name} value={name} />
							))}
						</datalist>
						<span className="help" id="formats-help">
							Up to {MOST_FORMATS}: {FORMAT_NAMES.join(', ')}, or any size: e3m4, posit(12,1), int6_16, mxfp4_16, bfp11_64
						</span>
					</div>
					<div className="field wide">
						<label htmlFor="values">Your numbers</label>
						<textarea
							id="values"
							name="values"
							rows={3}
							defaultValue={asked.own}
							key={asked.own}
							maxLength={MOST_CHARACTERS}
							aria-describedby="values-help"
						/>
						<span className="help" id="values-help">
							Parted by spaces, commas or lines. <code>assay formats</code> reads tensors of any size from files.
						</span>
					</div>
					<div className="row">
						<label>
							Or{' '}
							<select name="sample" defaultValue={asked.kind} key={asked.kind}>
								{Object.entries(SAMPLES).map(([kind, name]) => (
									<option key={kind} value={kind}>
										{name}
									</option>
								))}
							</select>
						</label>
						<button type="submit">Compare</button>
					</div>
				</Form>
			)}
			<Panels panels={panels} artifactBase={null} heading="h2" />
		</>
	);
}
