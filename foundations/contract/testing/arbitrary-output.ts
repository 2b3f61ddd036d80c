/** Random valid values of a schema, for showing that a report copes with any of them. */
import fc from 'fast-check';
import { z } from 'zod';
import { jsonSchema } from '../describe.ts';

const node = z.looseObject({
	type: z.union([z.string(), z.array(z.string())]).optional(),
	properties: z.record(z.string(), z.unknown()).optional(),
	required: z.array(z.string()).optional(),
	items: z.unknown().optional(),
	prefixItems: z.array(z.unknown()).optional(),
	additionalProperties: z.unknown().optional(),
	propertyNames: z.unknown().optional(),
	anyOf: z.array(z.unknown()).optional(),
	oneOf: z.array(z.unknown()).optional(),
	enum: z.array(z.unknown()).optional(),
	const: z.unknown().optional(),
	minimum: z.number().optional(),
	maximum: z.number().optional(),
	minItems: z.number().optional(),
	maxItems: z.number().optional(),
	pattern: z.string().optional(),
});

/** An arbitrary over the valid values of an output schema; what further refinements refuse is drawn again. */
export function arbitraryOutput<S extends z.ZodType>(schema: S): fc.Arbitrary<z.output<S>> {
	return arbitrary(jsonSchema(schema, 'output'))
		.map((value) => schema.safeParse(value))
		.filter((parsed) => parsed.success)
		.map((parsed) => parsed.data as z.output<S>);
}

function arbitrary(raw: unknown): fc.Arbitrary<unknown> {
	const schema = node.parse(raw);
	if (schema.const !== undefined) return fc.constant(schema.const);
	if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
	const alternatives = schema.anyOf ?? schema.oneOf;
	if (alternatives !== undefined) return fc.oneof(...alternatives.map(arbitrary));
	if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => arbitrary({ ...schema, type })));
	switch (schema.type) {
		case 'null':
			return fc.constant(null);
		case 'boolean':
			return fc.boolean();
		case 'integer':
			return fc.integer({ min: Math.max(schema.minimum ?? -1e9, -1e9), max: Math.min(schema.maximum ?? 1e9, 1e9) });
		case 'number':
			return fc.oneof(
				fc.constantFrom(
					...[0, 1, 1e-12, 1e15].filter((value) => value >= (schema.minimum ?? -1e300) && value <= (schema.maximum ?? 1e300)),
					schema.minimum ?? 0,
				),
				fc.double({ min: Math.max(schema.minimum ?? -1e15, -1e15), max: Math.min(schema.maximum ?? 1e15, 1e15), noNaN: true }),
			);
		case 'array': {
			if (schema.prefixItems !== undefined) return fc.tuple(...schema.prefixItems.map(arbitrary));
			const minLength = schema.minItems ?? 0;
			return fc.array(arbitrary(schema.items ?? {}), {
				minLength,
				maxLength: Math.max(minLength, Math.min(schema.maxItems ?? 4, 4)),
			});
		}
		case 'object': {
			if (schema.properties !== undefined) {
				const fields = Object.fromEntries(Object.entries(schema.properties).map(([key, value]) => [key, arbitrary(value)]));
				return fc.record(fields, { requiredKeys: schema.required ?? [] });
			}
			const names =
				schema.propertyNames === undefined ? fc.stringMatching(/^[a-z]{1,8}$/) : arbitrary(schema.propertyNames).map(String);
			return fc.dictionary(names, arbitrary(schema.additionalProperties ?? {}), { maxKeys: 3 });
		}
		default:
			return fc.string({ maxLength: 12 });
	}
}
