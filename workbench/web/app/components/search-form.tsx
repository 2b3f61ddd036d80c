/** Describes a search: what may vary, what is wanted, within which bounds, by which method, and how many runs. */
import { Form } from 'react-router';

/** Rows that the form has for each. */
export const SEARCH_ROWS = { vary: 6, objectives: 3, constraints: 3 };

/** Each method in words; the names are those of the command line. */
const METHODS = [
	['nsga-ii', 'NSGA-II: one or several objectives, hundreds of runs or more'],
	['bayesian', 'Bayesian optimisation: tens to hundreds of costly runs'],
	['evolution', 'differential evolution: one objective, hundreds of runs or more'],
	['annealing', 'simulated annealing: one objective'],
	['successive-halving', 'successive halving: one objective, little effort at first'],
	['random', 'random draws: an overview'],
	['latin-hypercube', 'Latin hypercube: an even overview'],
	['sobol', 'Sobol’s sequence: an even overview'],
] as const;

const rows = (count: number): number[] => Array.from({ length: count }, (_, at) => at + 1);

export function SearchForm({
	csrf,
	examples,
	outputs,
	entered,
}: {
	readonly csrf: string;
	readonly examples: readonly { readonly name: string }[];
	/** Numbers among the outputs. */
	readonly outputs: readonly { readonly path: string; readonly help: string }[];
	/** What was written into the form before. */
	readonly entered: Readonly<Record<string, string>>;
}) {
	return (
		<Form method="post" className="search">
			<input type="hidden" name="csrf" value={csrf} />
			<input type="hidden" name="kind" value="search" />
			<div className="row">
				<label>
					Around the example{' '}
					<select name="example" defaultValue={entered['example']}>
						{examples.map(({ name }) => (
							<option key={name}>{name}</option>
						))}
					</select>
				</label>
				<label>
					by{' '}
					<select name="method" defaultValue={entered['method'] ?? 'nsga-ii'}>
						{METHODS.map(([method, says]) => (
							<option key={method} value={method}>
								{says}
							</option>
						))}
					</select>
				</label>
			</div>
			<h2>What may vary</h2>
			{rows(SEARCH_ROWS.vary).map((at) => (
				<fieldset key={at} className="row axis">
					<legend className="hidden-visually">Input {at}</legend>
					<label>
						Input {at} <input name={`path${at}`} list="paths" autoComplete="off" defaultValue={entered[`path${at}`]} />
					</label>
					<label>
						within{' '}
						<input
							name={`values${at}`}
							placeholder={['1..10', '1..100:log', '8..256:log-integer', 'small,large'][at - 1]}
							maxLength={2000}
							defaultValue={entered[`values${at}`]}
						/>
					</label>
				</fieldset>
			))}
			<h2>What is wanted</h2>
			{rows(SEARCH_ROWS.objectives).map((at) => (
				<fieldset key={at} className="row axis">
					<legend className="hidden-visually">Objective {at}</legend>
					<label>
						Objective {at}{' '}
						<select name={`goal${at}`} defaultValue={entered[`goal${at}`]}>
							<option value="minimize">as small as can be</option>
							<option value="maximize">as large as can be</option>
						</select>
					</label>
					<label>
						output <input name={`objective${at}`} list="outputs" autoComplete="off" defaultValue={entered[`objective${at}`]} />
					</label>
				</fieldset>
			))}
			<h2>Within which bounds</h2>
			{rows(SEARCH_ROWS.constraints).map((at) => (
				<fieldset key={at} className="row axis">
					<legend className="hidden-visually">Bound {at}</legend>
					<label>
						Output <input name={`constraint${at}`} list="outputs" autoComplete="off" defaultValue={entered[`constraint${at}`]} />
					</label>
					<label>
						is{' '}
						<select name={`relation${at}`} defaultValue={entered[`relation${at}`]}>
							<option>at most</option>
							<option>at least</option>
						</select>
					</label>
					<label>
						bound <input name={`bound${at}`} inputMode="decimal" className="seed" defaultValue={entered[`bound${at}`]} />
					</label>
				</fieldset>
			))}
			<datalist id="outputs">
				{outputs.map(({ path, help }) => (
					<option key={path} value={path}>
						{help}
					</option>
				))}
			</datalist>
			<div className="row">
				<Count name="evaluations" label="Runs in all" least={1} most={100_000} value={entered['evaluations'] ?? '100'} />
				<Count name="population" label="Runs of a generation" least={4} most={10_000} value={entered['population'] ?? '20'} />
				<Count name="seed" label="Seed" least={0} most={4_294_967_295} value={entered['seed'] ?? '0'} />
				<button type="submit" className="primary">
					Search
				</button>
			</div>
		</Form>
	);
}

function Count({
	name,
	label,
	least,
	most,
	value,
}: {
	readonly name: string;
	readonly label: string;
	readonly least: number;
	readonly most: number;
	readonly value: string;
}) {
	return (
		<label>
			{label} <input type="number" name={name} min={least} max={most} defaultValue={value} className="seed" />
		</label>
	);
}
