/** Reads the fields back out of a schema: what flags, forms and documentation are derived from. */
import { z } from 'zod';
import { InputError, nearestName, type Path, show } from './errors.ts';

/** One leaf of a schema. */
export interface Field {
	/** Keys from the root; `*` stands for any element of a list or any key of a table. */
	readonly path: readonly string[];
	readonly kind: 'number' | 'integer' | 'boolean' | 'choice' | 'text' | 'data' | 'json';
	readonly help: string;
	readonly unit?: string;
	readonly min?: number;
	readonly max?: number;
	/** Most characters of a text. */
	readonly maxLength?: number;
	readonly default?: unknown;
	readonly choices?: readonly string[];
	readonly mediaTypes?: readonly string[];
	readonly optional: boolean;
	/** True inside a list, a table or one alternative of several: settable as part of a whole, not as a flag of its own. */
	readonly nested: boolean;
}

const jsonSchemaNode = z.looseObject({
	type: z.union([z.string(), z.array(z.string())]).optional(),
	description: z.string().optional(),
	unit: z.string().optional(),
	dataReference: z.boolean().optional(),
	mediaTypes: z.array(z.string()).optional(),
	minimum: z.number().optional(),
	maximum: z.number().optional(),
	default: z.unknown().optional(),
	enum: z.array(z.unknown()).optional(),
	const: z.unknown().optional(),
	properties: z.record(z.string(), z.unknown()).optional(),
	required: z.array(z.string()).optional(),
	items: z.unknown().optional(),
	prefixItems: z.array(z.unknown()).optional(),
	additionalProperties: z.unknown().optional(),
	anyOf: z.array(z.unknown()).optional(),
	oneOf: z.array(z.unknown()).optional(),
	allOf: z.array(z.unknown()).optional(),
});
type JsonSchemaNode = z.infer<typeof jsonSchemaNode>;

/** JSON Schema (2020-12) of a schema's input side, with `unit` and `dataReference` kept as extra keywords. */
export function jsonSchema(schema: z.ZodType, side: 'input' | 'output' = 'input'): Record<string, unknown> {
	return z.toJSONSchema(schema, { io: side, unrepresentable: 'any', reused: 'inline' });
}

/** Every leaf of a schema, in the order it is written. */
export function describeFields(schema: z.ZodType, side: 'input' | 'output' = 'input'): Field[] {
	const fields: Field[] = [];
	walk(jsonSchemaNode.parse(jsonSchema(schema, side)), [], false, false, undefined, fields);
	return fields;
}

function walk(node: JsonSchemaNode, path: string[], optional: boolean, nested: boolean, inherited: unknown, into: Field[]): void {
	const fallback = node.default !== undefined ? node.default : inherited;
	const child = (value: unknown): JsonSchemaNode => jsonSchemaNode.parse(value);
	if (node.properties !== undefined) {
		for (const [key, value] of Object.entries(node.properties)) {
			const below = isRecord(fallback) ? fallback[key] : undefined;
			walk(child(value), [...path, key], !(node.required ?? []).includes(key), nested, below, into);
		}
		return;
	}
	const alternatives = (node.anyOf ?? node.oneOf ?? node.allOf ?? []).map(child).filter((one) => one.type !== 'null');
	if (alternatives.length === 1 && alternatives[0] !== undefined) {
		const only = { ...alternatives[0] };
		only.description ??= node.description;
		only.unit ??= node.unit;
		walk(only, path, optional, nested, fallback, into);
		return;
	}
	const composite = alternatives.length > 1 || node.type === 'array' || node.type === 'object';
	if (composite) {
		into.push(leaf(node, path, 'json', optional, nested, fallback));
		for (const one of alternatives) {
			if (one.properties || one.anyOf || one.items || one.unit !== undefined || one.dataReference)
				walk(one, path, true, true, undefined, into);
		}
		for (const one of [...(node.prefixItems ?? []), node.items, node.additionalProperties]) {
			if (isRecord(one)) walk(child(one), [...path, '*'], true, true, undefined, into);
		}
		return;
	}
	into.push(leaf(node, path, kindOf(node), optional, nested, fallback));
}

function leaf(
	node: JsonSchemaNode,
	path: string[],
	kind: Field['kind'],
	optional: boolean,
	nested: boolean,
	fallback: unknown,
): Field {
	const bounded = (limit: number | undefined) => limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
	return {
		path,
		kind,
		help: node.description ?? '',
		optional,
		nested,
		...(node.unit !== undefined && { unit: node.unit }),
		...(bounded(node.minimum) && { min: node.minimum as number }),
		...(bounded(node.maximum) && { max: node.maximum as number }),
		...(kindOf(node) === 'text' && typeof node.maxLength === 'number' && { maxLength: node.maxLength }),
		...(fallback !== undefined && { default: fallback }),
		...(node.enum !== undefined && { choices: node.enum.map(String) }),
		...(node.mediaTypes !== undefined && { mediaTypes: node.mediaTypes }),
	};
}

function typeOf(node: JsonSchemaNode): string | undefined {
	return Array.isArray(node.type) ? node.type.find((name) => name !== 'null') : node.type;
}

function kindOf(node: JsonSchemaNode): Field['kind'] {
	if (node.enum !== undefined || node.const !== undefined) return 'choice';
	if (node.dataReference === true) return 'data';
	const type = typeOf(node);
	if (type === 'number' || type === 'integer' || type === 'boolean') return type;
	return type === 'string' ? 'text' : 'json';
}

function isRecord(value: unknown): value is Record<string, unknown> {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Parses a value and turns zod's first complaint into one `InputError`: place, what was found, what was expected and
 * the nearest valid name. `prefix` names the place the value itself came from (a file, a row).
 */
export function parseOrExplain<S extends z.ZodType>(schema: S, value: unknown, prefix: Path = []): z.output<S> {
	const parsed = schema.safeParse(value);
	if (parsed.success) return parsed.data;
	const issue = parsed.error.issues[0];
	if (issue === undefined) throw parsed.error;
	throw explain(issue, value, prefix, schema);
}

function explain(first: z.core.$ZodIssue, value: unknown, prefix: Path, schema: z.ZodType): InputError {
	let issue = first;
	let base: PropertyKey[] = [];
	while (issue.code === 'invalid_union' && issue.errors.length > 0) {
		// Of several alternatives, the one that got furthest (then the one with fewest complaints) is what was meant.
		const ranked = [...issue.errors].sort((a, b) => depth(b) - depth(a) || a.length - b.length);
		const inner = ranked[0]?.[0];
		if (inner === undefined || depth(ranked[0] ?? []) === 0) break;
		base = [...base, ...issue.path];
		issue = inner;
	}
	const inside = [...base, ...issue.path].map((step) => (typeof step === 'number' ? step : String(step)));
	const found = inside.reduce<unknown>(
		(at, step) => (typeof at === 'object' && at !== null ? Reflect.get(at, step) : undefined),
		value,
	);
	const place: Path = [...prefix, ...inside];
	switch (issue.code) {
		case 'unrecognized_keys': {
			const key = issue.keys[0] ?? '';
			const known = keysAt(schema, inside);
			return new InputError({
				path: [...place, key],
				found: `the unknown name ${show(key)}`,
				expected: known.length > 0 ? `one of ${known.join(', ')}` : 'a known name',
				nearest: nearestName(key, known),
			});
		}
		case 'invalid_value': {
			const values = issue.values.map(String);
			return new InputError({
				path: place,
				found: show(found),
				expected: values.length === 1 ? `${values[0]}` : `one of ${values.join(', ')}`,
				nearest: typeof found === 'string' ? nearestName(found, values) : undefined,
			});
		}
		case 'too_small':
		case 'too_big': {
			const small = issue.code === 'too_small';
			const limit = issue.code === 'too_small' ? issue.minimum : issue.maximum;
			const what = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' elements' : '';
			const shown = what === '' ? show(found) : `${String((found as { length?: number } | undefined)?.length ?? 0)}${what}`;
			const bound = small
				? issue.inclusive === false
					? 'more than'
					: 'at least'
				: issue.inclusive === false
					? 'less than'
					: 'at most';
			return new InputError({
				path: place,
				found: shown,
				expected: `${bound} ${limit}${what}`,
				nearest: what === '' ? String(limit) : undefined,
			});
		}
		case 'invalid_type':
			return new InputError({
				path: place,
				found: show(found),
				expected: withArticle(issue.expected === 'int' ? 'integer' : issue.expected),
			});
		default:
			return new InputError({ path: place, found: show(found), expected: issue.message });
	}
}

const depth = (issues: readonly z.core.$ZodIssue[]): number =>
	Math.max(0, ...issues.map((issue) => issue.path.length + (issue.code === 'unrecognized_keys' ? 1 : 0)));

const withArticle = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;

/** Names of the properties a schema knows at a place. */
function keysAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
	let nodes: unknown[] = [jsonSchema(schema)];
	const spread = (list: unknown[]): unknown[] =>
		list.filter(isRecord).flatMap((node) => {
			const alternatives = node['anyOf'] ?? node['oneOf'];
			return Array.isArray(alternatives) ? spread(alternatives) : [node];
		});
	for (const step of path) {
		nodes = spread(nodes)
			.filter(isRecord)
			.map((node) =>
				typeof step === 'number'
					? node['items']
					: isRecord(node['properties'])
						? node['properties'][step]
						: node['additionalProperties'],
			);
	}
	return [
		...new Set(
			spread(nodes).flatMap((node) => (isRecord(node) && isRecord(node['properties']) ? Object.keys(node['properties']) : [])),
		),
	];
}
