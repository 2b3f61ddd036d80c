/** A system that recomputes in the browser as its inputs move: no request leaves the page. */
import { useEffect, useMemo, useRef, useState } from 'react';
import type { FormField, RunFormData } from '../server/run-form.server.ts';
import type { LiveAnswer, LiveOrder } from './live-protocol.ts';
import { Panels } from './panels.tsx';
import { isLongText } from './run-form.tsx';

/** Inputs that can be changed here: numbers with bounds, switches, choices and texts. Files and lists are for the form. */
function isMovable(field: FormField): boolean {
	if (field.kind === 'boolean' || field.kind === 'choice' || field.kind === 'text') return true;
	return (field.kind === 'number' || field.kind === 'integer') && field.min !== null && field.max !== null;
}

/** A new example is a new start. */
export function LiveSystem({ slug, form }: { readonly slug: string; readonly form: RunFormData }) {
	return <LiveExample key={form.example} slug={slug} form={form} />;
}

function LiveExample({ slug, form }: { readonly slug: string; readonly form: RunFormData }) {
	const groups = useMemo(
		() =>
			form.groups
				.map(({ name, fields }) => ({ name, fields: fields.filter(isMovable) }))
				.filter(({ fields }) => fields.length > 0),
		[form],
	);
	const [settings, setSettings] = useState<Readonly<Record<string, string>>>({});
	const [answer, setAnswer] = useState<LiveAnswer | null>(null);
	const [isWorking, setWorking] = useState(false);
	const worker = useRef<Worker | null>(null);
	const count = useRef(0);

	useEffect(() => {
		const made = new Worker(new URL('./live-worker.ts', import.meta.url), { type: 'module' });
		made.onmessage = ({ data }: MessageEvent<LiveAnswer>) => {
			if (data.order !== count.current) return;
			setAnswer(data);
			setWorking(false);
		};
		made.onerror = (event) => setAnswer({ order: count.current, kind: 'failed', message: event.message });
		worker.current = made;
		return () => made.terminate();
	}, []);

	useEffect(() => {
		const timer = setTimeout(() => {
			count.current += 1;
			setWorking(true);
			worker.current?.postMessage({ order: count.current, slug, example: form.example, settings } satisfies LiveOrder);
		}, 60);
		return () => clearTimeout(timer);
	}, [slug, form.example, settings]);

	const set = (name: string, value: string): void => setSettings((before) => ({ ...before, [name]: value }));
	return (
		<div className="live">
			<noscript>
				<p className="message">This part computes in your browser and needs script.</p>
			</noscript>
			<div className="answer-now" aria-live="polite" aria-busy={isWorking}>
				{answer === null && <p className="note">Computing …</p>}
				{answer?.kind === 'failed' && (
					<div className="message bad">
						<p>{answer.message}</p>
					</div>
				)}
				{answer?.kind === 'done' && <p className="headline">{answer.headline}</p>}
			</div>
			{groups.map(({ name, fields }) => {
				const sliders = (
					<div className="inputs sliders">
						{fields.map((field) => (
							<Slider
								key={field.name}
								field={field}
								value={settings[field.name] ?? field.value}
								onChange={(value) => set(field.name, value)}
							/>
						))}
					</div>
				);
				if (name === '') return <div key={name}>{sliders}</div>;
				return (
					<details className="group" key={name}>
						<summary>{name}</summary>
						{sliders}
					</details>
				);
			})}
			{Object.keys(settings).length > 0 && (
				<button type="button" className="quiet" onClick={() => setSettings({})}>
					Back to the example
				</button>
			)}
			{answer?.kind === 'done' && (
				<>
					<p className="note">
						{isWorking
							? 'Computing again …'
							: `Computed here in ${answer.seconds < 0.1 ? `${Math.round(answer.seconds * 1000)} ms` : `${answer.seconds.toFixed(1)} s`}.`}{' '}
						{answer.notes.join(' ')}
					</p>
					<Panels panels={answer.panels} artifactBase={null} />
				</>
			)}
		</div>
	);
}

function Slider({
	field,
	value,
	onChange,
}: {
	readonly field: FormField;
	readonly value: string;
	readonly onChange: (value: string) => void;
}) {
	const id = `live-${field.name}`;
	if (field.kind === 'boolean' || field.kind === 'choice') {
		return (
			<div className="field">
				<label htmlFor={id}>{field.label}</label>
				{field.kind === 'boolean' ? (
					<span>
						<input
							id={id}
							type="checkbox"
							checked={value === 'true'}
							onChange={(event) => onChange(String(event.target.checked))}
						/>
						<span className="note">{field.help}</span>
					</span>
				) : (
					<select id={id} value={value} onChange={(event) => onChange(event.target.value)}>
						{field.choices.map((choice) => (
							<option key={choice}>{choice}</option>
						))}
					</select>
				)}
			</div>
		);
	}
	if (field.kind === 'text') {
		const control = {
			id,
			value,
			maxLength: field.maxLength ?? undefined,
			onChange: ({ target }: { readonly target: { readonly value: string } }) => onChange(target.value),
			'aria-describedby': `${id}-help`,
		};
		return (
			<div className={`field${isLongText(field) ? ' whole' : ''}`}>
				<label htmlFor={id}>{field.label}</label>
				{isLongText(field) ? (
					<textarea {...control} rows={Math.min(40, value.split('\n').length + 1)} spellCheck={false} />
				) : (
					<input {...control} />
				)}
				<span className="help" id={`${id}-help`}>
					{field.help}
				</span>
			</div>
		);
	}
	const [min, max] = [field.min ?? 0, field.max ?? 1];
	// A range over orders of magnitude moves by equal ratios.
	const isWide = min > 0 && max / min > 1000;
	const position = isWide ? Math.log(Number(value === '' ? min : value)) : Number(value === '' ? min : value);
	const [low, high] = isWide ? [Math.log(min), Math.log(max)] : [min, max];
	const read = (text: string): string => {
		const moved = isWide ? Math.exp(Number(text)) : Number(text);
		const rounded = field.kind === 'integer' ? Math.round(moved) : Number(moved.toPrecision(4));
		return String(Math.min(max, Math.max(min, rounded)));
	};
	return (
		<div className="field">
			<label htmlFor={id}>
				{field.label}{' '}
				<output className="soft">
					{value === ''
						? 'derived'
						: `${Number(value).toLocaleString('en-US', { maximumSignificantDigits: 5 })}${field.unit === null ? '' : ` ${field.unit}`}`}
				</output>
			</label>
			<input
				id={id}
				type="range"
				min={low}
				max={high}
				step={field.kind === 'integer' && !isWide ? 1 : (high - low) / 400}
				value={position}
				onChange={(event) => onChange(read(event.target.value))}
				aria-describedby={`${id}-help`}
				aria-valuetext={value === '' ? 'derived' : `${value} ${field.unit ?? ''}`}
			/>
			<span className="help" id={`${id}-help`}>
				{field.help}
			</span>
		</div>
	);
}
