import { count, defineSystem, quantity, result } from '@assay/contract';
import { z } from 'zod';
import { card } from './card.ts';
import { idealSpeedup, meanSpeedup } from './speedup.ts';

const PROCESSORS = [1, 2, 4, 8, 16, 32, 64];

export default defineSystem({
	card,
	inputs: z.strictObject({
		serialFraction: quantity({
			unit: '1',
			min: 0,
			max: 1,
			default: 0.05,
			help: 'Fraction of the work that runs on one processor only.',
		}),
		jitter: quantity({ unit: '1', min: 0, max: 10, default: 0.1, help: 'Spread of the processors’ speeds; 0 makes them equal.' }),
		samples: count({ unit: 'draws', min: 1, max: 1_000_000, default: 500, help: 'Random draws for each number of processors.' }),
	}),
	outputs: z.object({
		points: z.array(
			z.object({
				processors: result({ unit: 'processors', help: 'Number of processors.' }),
				ideal: result({ unit: '1', help: 'Speed-up with equal processors.' }),
				mean: result({ unit: '1', help: 'Mean speed-up with unequal processors.' }),
			}),
		),
	}),
	examples: [{ name: 'five-percent-serial', says: 'A program with 5 % serial work on up to 64 processors.', inputs: {} }],
	async run(inputs, context) {
		const points = [];
		for (const [index, processors] of PROCESSORS.entries()) {
			context.progress(index / PROCESSORS.length, `${processors} processors`);
			await context.pause();
			const mean = await meanSpeedup({ ...inputs, processors }, context);
			points.push({ processors, ideal: idealSpeedup(inputs.serialFraction, processors), mean });
		}
		await context.pause();
		context.progress(1, 'done');
		return { points };
	},
	headline: (outputs) => `The mean speed-up is at most ${Math.max(0, ...outputs.points.map((point) => point.mean)).toFixed(1)}.`,
	report: (outputs) => [
		{
			kind: 'plot',
			title: 'Speed-up by number of processors',
			note: 'The curve flattens where the serial part dominates.',
			x: { label: 'Processors', scale: 'log' },
			y: { label: 'Speed-up', zero: true },
			marks: [{ mark: 'line', data: outputs.points, x: 'processors', y: 'mean' }],
		},
		{
			kind: 'table',
			title: 'Speed-ups',
			columns: [
				{ key: 'processors', label: 'Processors' },
				{ key: 'ideal', label: 'Equal processors' },
				{ key: 'mean', label: 'Unequal processors, mean' },
			],
			rows: outputs.points,
		},
	],
	claims: [
		{
			id: 'A1',
			says: 'With 5 % serial work no number of processors gives more than a 20-fold speed-up.',
			published: { value: 20, unit: 'x', where: 'limit of the formula' },
			evidence: 'simulated',
			tolerance: { relative: 0.001, because: 'a billion processors stand in for infinitely many' },
			effort: 'seconds',
			measure: async () => idealSpeedup(0.05, 1e9),
		},
	],
});
