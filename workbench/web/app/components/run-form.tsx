/** Runs a system on the visitor's own inputs: a form derived from the system's schema. */
import { Form, Link, useActionData, useNavigation } from 'react-router';
import type { FormField, RunFormData } from '../server/run-form.server.ts';
import { useSite } from './frame.tsx';

/** What is wrong with a form that was sent. */
export interface FormProblem {
	readonly message: string;
	/** The field it is about, if it is about one. */
	readonly field: string | null;
}

export function RunForm({
	form,
	canRun,
	base,
}: {
	readonly form: RunFormData;
	readonly canRun: boolean /** Address of the page the form is on. */;
	readonly base: string;
}) {
	const { csrf } = useSite();
	const sent = useActionData<{ readonly runProblem?: FormProblem }>();
	const isSending = useNavigation().formData?.get('do') === 'run';
	const problem = sent?.runProblem;
	return (
		<>
			<nav aria-label="Examples to start from">
				<ul className="tabs">
					{form.examples.map((example) => (
						<li key={example.name}>
							<Link
								to={`${base}?example=${example.name}#run`}
								preventScrollReset
								aria-current={example.name === form.example ? 'true' : undefined}
								title={example.says}
							>
								{example.name}
							</Link>
						</li>
					))}
				</ul>
			</nav>
			<p className="note">{form.examples.find((example) => example.name === form.example)?.says}</p>
			{problem !== undefined && (
				<div className="message bad" role="alert">
					<p>{problem.message}</p>
				</div>
			)}
			<Form method="post" encType="multipart/form-data" key={`${form.system} ${form.example}`} preventScrollReset>
				<input type="hidden" name="csrf" value={csrf} />
				<input type="hidden" name="do" value="run" />
				{form.groups.map((group) => {
					const fields = group.fields.map((field) => (
						<InputField key={field.name} field={field} sources={form.sources} isWrong={problem?.field === field.name} />
					));
					if (group.name === '')
						return (
							<div className="inputs" key="">
								{fields}
							</div>
						);
					return (
						<details
							className="group"
							key={group.name}
							open={group.fields.some((field) => field.value !== field.defaultText || problem?.field === field.name)}
						>
							<summary>
								{group.name} <span className="note">{group.fields.length} inputs</span>
							</summary>
							<fieldset className="inputs">
								<legend className="hidden-visually">{group.name}</legend>
								{fields}
							</fieldset>
						</details>
					);
				})}
				<div className="row send">
					<button className="primary" type="submit" disabled={!canRun || isSending}>
						{isSending ? 'Starting …' : 'Run it'}
					</button>
					<label>
						Seed <input name="seed" type="number" min={0} max={4294967295} step={1} defaultValue={form.seed} className="seed" />
					</label>
					{canRun ? (
						<span className="note">The same inputs and seed give the same bytes.</span>
					) : (
						<span className="note">
							Runs need an account: <Link to="/login">sign in</Link>.
						</span>
					)}
				</div>
			</Form>
		</>
	);
}

function InputField({
	field,
	sources,
	isWrong,
}: {
	readonly field: FormField;
	readonly sources: readonly string[];
	readonly isWrong: boolean;
}) {
	const id = `in-${field.name}`;
	const described = { 'aria-describedby': `${id}-help`, ...(isWrong && { 'aria-invalid': true }) };
	return (
		<div className={`field${field.kind === 'json' || isLongText(field) ? ' whole' : ''}`}>
			<label htmlFor={id}>{field.label}</label>
			<Control field={field} id={id} sources={sources} described={described} />
			<span className="help" id={`${id}-help`}>
				{field.help} {rangeText(field)}
			</span>
		</div>
	);
}

/** Texts that people write in lines. */
export function isLongText({ kind, maxLength }: FormField): boolean {
	return kind === 'text' && maxLength !== null && maxLength > 2000;
}

function rangeText({ kind, min, max, unit }: FormField): string {
	if (kind !== 'number' && kind !== 'integer') return '';
	const number = (value: number): string => value.toLocaleString('en-US', { maximumSignificantDigits: 6 });
	if (min !== null && max !== null) return `From ${number(min)} to ${number(max)}${unit === null ? '' : ` ${unit}`}.`;
	return min === null ? '' : `At least ${number(min)}.`;
}

function Control({
	field,
	id,
	sources,
	described,
}: {
	readonly field: FormField;
	readonly id: string;
	readonly sources: readonly string[];
	readonly described: Readonly<Record<string, string | boolean>>;
}) {
	switch (field.kind) {
		case 'number':
		case 'integer':
			return (
				<span className="with-unit">
					<input
						id={id}
						name={field.name}
						type="number"
						step={field.kind === 'integer' ? 1 : 'any'}
						min={field.min ?? undefined}
						max={field.max ?? undefined}
						defaultValue={field.value}
						required={!field.isOptional}
						placeholder={field.isOptional ? 'derived' : undefined}
						{...described}
					/>
					{field.unit !== null && <span className="unit">{field.unit}</span>}
				</span>
			);
		case 'boolean':
		case 'choice':
			return (
				<select id={id} name={field.name} defaultValue={field.value} {...described}>
					{field.isOptional && <option value="">–</option>}
					{(field.kind === 'boolean' ? ['false', 'true'] : field.choices).map((choice) => (
						<option key={choice} value={choice}>
							{field.kind === 'boolean' ? (choice === 'true' ? 'yes' : 'no') : choice}
						</option>
					))}
				</select>
			);
		case 'data':
			return (
				<span className="data">
					<input id={id} name={`${field.name}.file`} type="file" {...described} />
					<label className="note" htmlFor={`${id}-source`}>
						or a source{' '}
						<input id={`${id}-source`} name={field.name} defaultValue={field.value} list={`${id}-sources`} maxLength={1024} />
					</label>
					<datalist id={`${id}-sources`}>
						{sources.map((source) => (
							<option key={source} value={source} />
						))}
					</datalist>
				</span>
			);
		case 'json':
			return (
				<textarea
					id={id}
					name={field.name}
					defaultValue={field.value}
					spellCheck={false}
					rows={field.value.length > 200 ? 8 : 2}
					{...described}
				/>
			);
		case 'text':
			return isLongText(field) ? (
				<textarea
					id={id}
					name={field.name}
					defaultValue={field.value}
					spellCheck={false}
					rows={Math.min(40, field.value.split('\n').length + 1)}
					maxLength={field.maxLength ?? undefined}
					{...described}
				/>
			) : (
				<input id={id} name={field.name} defaultValue={field.value} maxLength={field.maxLength ?? undefined} {...described} />
			);
	}
}
