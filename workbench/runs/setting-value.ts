/** Settings written as text: on a command line, or in a form. */
import type { Field } from '@assay/contract';
import { parseDocument } from 'yaml';

/** A setting's text as the field wants it; what is not of the field's kind stays text and is refused by the schema with its place. */
export function settingValue(text: string, field: Field | undefined): unknown {
	if (field !== undefined && (field.kind === 'text' || field.kind === 'data' || field.kind === 'choice')) return text;
	if (field !== undefined && (field.kind === 'number' || field.kind === 'integer'))
		return text.trim() !== '' && !Number.isNaN(Number(text)) ? Number(text) : text;
	const document = parseDocument(text);
	return document.errors.length > 0 ? text : document.toJS({ maxAliasCount: 100 });
}
