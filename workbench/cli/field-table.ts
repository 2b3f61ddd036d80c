/** The inputs of a system as a table of flags. */
import { describeFields, type Field, type System } from '@assay/contract';
import { formatValue } from '@assay/report/format';
import { type TextStyle, textTable } from '@assay/report/text';

export function fieldTable(system: System, style: TextStyle): string {
	const fields = describeFields(system.inputs).filter((field) => !field.nested);
	const rows = fields.map((field) => ({
		flag: `--${field.path.join('.')}`,
		default: defaultText(field),
		range: rangeText(field),
		help: field.help,
	}));
	const columns = [
		{ key: 'flag', label: 'Input' },
		{ key: 'default', label: 'Default' },
		{ key: 'range', label: 'Values' },
		{ key: 'help', label: 'What it is' },
	];
	const examples = system.examples.map(
		(example, index) => `  --example ${example.name}${index === 0 ? ' (default)' : ''}: ${example.says}`,
	);
	return [
		`${style.bold(`assay run ${system.card.slug}`)}: ${system.card.question}`,
		`${style.bold('Examples')}\n${examples.join('\n')}`,
		textTable(columns, rows, style),
		'Lists and tables are set as a whole with --set path=JSON, or from a file with --inputs. Further options: --seed, --out, --threads, --json.',
	].join('\n\n');
}

function defaultText(field: Field): string {
	if (field.default === undefined) return field.optional ? '–' : 'required';
	const text =
		typeof field.default === 'object'
			? JSON.stringify(field.default)
			: formatValue(
					typeof field.default === 'number' || typeof field.default === 'boolean' ? field.default : String(field.default),
					{ digits: 12 },
				);
	const line = text.replaceAll(/\s*\n\s*/g, ' ');
	return line.length > 28 ? `${line.slice(0, 27)}…` : line;
}

function rangeText(field: Field): string {
	if (field.choices !== undefined) return field.choices.join(' | ');
	if (field.kind === 'data') return 'file or source';
	const unit = field.unit === undefined || field.unit === '1' ? '' : ` ${field.unit}`;
	if (field.min !== undefined && field.max !== undefined) return `${formatValue(field.min)} to ${formatValue(field.max)}${unit}`;
	if (field.min !== undefined) return `at least ${formatValue(field.min)}${unit}`;
	return `${field.kind}${unit}`;
}
