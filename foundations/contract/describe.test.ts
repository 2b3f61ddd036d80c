import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { describeFields, parseOrExplain } from './describe.ts';
import { formatPath, InputError, nearestName } from './errors.ts';
import { choice, count, dataReference, flag, optionalQuantity, quantity, requiredQuantity, text } from './fields.ts';

const schema = z.strictObject({
	rate: quantity({ unit: 'requests/s', min: 0.1, max: 1000, default: 70, help: 'Arrivals.' }),
	cluster: z
		.strictObject({
			machines: count({ unit: 'machines', min: 1, max: 100, default: 4, help: 'Machines.' }),
			policy: choice(['random', 'round-robin'], { default: 'random', help: 'Policy.' }),
		})
		.prefault({}),
	limit: optionalQuantity({ unit: 's', min: 0, max: 10, help: 'Limit; derived from the rate.' }),
	verbose: flag({ default: false, help: 'Say more.' }),
	name: text({ default: 'x', help: 'Name.', maxLength: 5 }),
	trace: dataReference({ help: 'Trace.', mediaTypes: ['text/csv'] }).optional(),
	pools: z
		.array(z.strictObject({ size: requiredQuantity({ unit: 'B', min: 0, max: 9, help: 'Size.' }) }))
		.default([])
		.meta({ description: 'Pools.' }),
});

const explain = (value: unknown): InputError => {
	try {
		parseOrExplain(schema, value);
	} catch (error) {
		if (error instanceof InputError) return error;
		throw error;
	}
	throw new Error('was accepted');
};

test('fields are read back with unit, bounds, default and kind', () => {
	const fields = new Map(describeFields(schema).map((field) => [field.path.join('.'), field]));
	expect(fields.get('rate')).toMatchObject({
		kind: 'number',
		unit: 'requests/s',
		min: 0.1,
		max: 1000,
		default: 70,
		help: 'Arrivals.',
	});
	expect(fields.get('cluster.machines')).toMatchObject({ kind: 'integer', min: 1, max: 100, default: 4, nested: false });
	expect(fields.get('cluster.policy')).toMatchObject({ kind: 'choice', choices: ['random', 'round-robin'] });
	expect(fields.get('limit')).toMatchObject({ kind: 'number', optional: true });
	expect(fields.get('trace')).toMatchObject({ kind: 'data', mediaTypes: ['text/csv'] });
	expect(fields.get('pools.*.size')).toMatchObject({ kind: 'number', unit: 'B', nested: true });
});

test.for([
	[{ rate: 'fast' }, 'rate: found "fast", expected a number'],
	[{ rate: Number.NaN }, 'rate: found NaN, expected a number'],
	[{ rate: 0 }, 'rate: found 0, expected at least 0.1; did you mean 0.1?'],
	[{ cluster: { machines: 2.5 } }, 'cluster.machines: found 2.5, expected an integer'],
	[
		{ cluster: { polcy: 'random' } },
		'cluster.polcy: found the unknown name "polcy", expected one of machines, policy; did you mean policy?',
	],
	[
		{ cluster: { policy: 'round-robbin' } },
		'cluster.policy: found "round-robbin", expected one of random, round-robin; did you mean round-robin?',
	],
	[{ pools: [{ size: 1 }, {}] }, 'pools[1].size: found nothing, expected a number'],
	[{ name: 'far too long' }, 'name: found 12 characters, expected at most 5 characters'],
	[
		{ rat: 3 },
		'rat: found the unknown name "rat", expected one of rate, cluster, limit, verbose, name, trace, pools; did you mean rate?',
	],
	[null, 'inputs: found null, expected an object'],
] as const)('%j is explained: %s', ([value, message]) => {
	expect(explain(value).message).toBe(message);
});

test('of several alternatives the one that was meant is explained', () => {
	const union = z.strictObject({
		source: z.union([
			z.strictObject({ kind: z.literal('file'), path: z.string() }),
			z.strictObject({ kind: z.literal('rate'), rate: z.number().max(5) }),
		]),
	});
	expect(() => parseOrExplain(union, { source: { kind: 'rate', rate: 9 } })).toThrow('source.rate: found 9, expected at most 5');
});

test('whatever comes in, an InputError comes out or the value is valid', () => {
	fc.assert(
		fc.property(fc.anything(), (value) => {
			try {
				parseOrExplain(schema, value);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
	);
});

test('names and paths', () => {
	expect(nearestName('H100', ['a100', 'h100', 'h200'])).toBe('h100');
	expect(nearestName('zzzzzz', ['a100'])).toBeUndefined();
	expect(formatPath(['machines', 2, 'memoryBytes'])).toBe('machines[2].memoryBytes');
	expect(formatPath(['trace.csv', 'line 7', 'devices', 0, 'name'])).toBe('trace.csv, line 7, devices[0].name');
});
