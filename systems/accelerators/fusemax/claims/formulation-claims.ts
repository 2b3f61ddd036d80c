/** Claims on how often each formulation of attention walks the keys. */
import type { Claim } from '@assay/contract';
import type { CascadeName } from '../cascades/built-in-cascades.ts';
import { analyseBuiltIn } from '../cascades/taxonomy.ts';

const passes = (id: string, name: CascadeName, value: number, says: string): Claim => ({
	id,
	says,
	published: { value, unit: 'passes', where: 'taxonomy of attention algorithms (section on passes)' },
	evidence: 'simulated',
	tolerance: { absolute: 0.5, because: 'a number of passes is right or wrong' },
	effort: 'seconds',
	measure: async () => analyseBuiltIn(name).passes ?? Number.NaN,
});

export const formulationClaims: readonly Claim[] = [
	passes(
		'C9-three',
		'three-pass',
		3,
		'Softmax with the global maximum, normalised before the product with V, takes three passes.',
	),
	passes('C9-two', 'two-pass', 2, 'With the division after that product it takes two.'),
	passes('C9-one', 'one-pass', 1, 'With running maximum, denominator and numerator it takes one.'),
	passes('C9-no-maximum', 'no-maximum', 1, 'Without the maximum, divided last, it takes one and can overflow.'),
];
