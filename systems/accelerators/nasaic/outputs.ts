/** What a run says. */
import { result } from '@assay/contract';
import { z } from 'zod';

const latency = (help: string) => result({ unit: 'cycles', help });
const energy = (help: string) => result({ unit: 'MAC', help });
const area = (help: string) => result({ unit: 'um^2', help });
const accuracy = (help: string) => result({ unit: '%', help });

const point = {
	accuracy: accuracy('Weighted; 0 where every network is given.'),
	latency: latency('Until all networks are done.'),
	energy: energy('Of all layers.'),
	area: area('Of the chip.'),
	isWithin: z.boolean(),
};

export const outputs = z.strictObject({
	answer: z.string(),
	limits: z.strictObject({ latency: latency('Most.'), energy: energy('Most.'), area: area('Most.') }),
	design: z.strictObject({
		...point,
		seconds: result({ unit: 's', help: 'Latency at the clock.' }),
		joules: result({ unit: 'J', help: 'Energy; null without the energy of a multiply-accumulate.' }).nullable(),
	}),
	tasks: z.array(
		z.strictObject({
			task: z.string(),
			network: z.string(),
			accuracySource: z.enum(['surrogate', 'table', 'given network']),
			accuracy: accuracy('Null for a given network.').nullable(),
			trained: result({
				unit: '%',
				help: 'Of a narrower copy, trained here on generated shapes; null where that was not asked for.',
			}).nullable(),
			macs: result({ unit: 'MAC', help: 'Multiply-accumulates.' }),
		}),
	),
	chip: z.array(
		z.strictObject({
			dataflow: z.string(),
			elements: result({ unit: 'elements', help: 'Processing elements.' }),
			bandwidth: result({ unit: 'B/cycle', help: 'Of its on-chip network.' }),
			area: area('Of the sub-accelerator.'),
			busy: result({ unit: '1', help: 'Share of the latency in which it works.' }),
		}),
	),
	layers: z.array(
		z.strictObject({
			task: z.string(),
			name: z.string(),
			accelerator: result({ unit: '1', help: 'Number of its sub-accelerator, from 1.' }),
			start: latency('When it starts.'),
			end: latency('When it ends.'),
			energy: energy('Of the layer.'),
			activeElements: result({ unit: 'elements', help: 'Busy on average.' }),
			waiting: result({ unit: '1', help: 'Share of its time in which only data move.' }),
			otherCycles: latency('On the best other sub-accelerator; null where there is none.').nullable(),
			otherEnergy: energy('There.').nullable(),
			reason: z.enum(['least energy', 'to meet the deadline', 'nowhere else']),
		}),
	),
	explored: z.array(z.strictObject({ ...point, isOnFront: z.boolean() })),
	search: z.strictObject({
		designs: result({ unit: 'designs', help: 'Costed.' }),
		within: result({ unit: 'designs', help: 'Of them within the limits.' }),
		pruned: result({ unit: 'episodes', help: 'Ended without an accuracy, since no chip met the limits.' }),
		layerEvaluations: result({ unit: 'layers', help: 'Costs of layers asked for.' }),
		rewards: z.array(result({ unit: '1', help: 'Mean reward of an episode.' })),
	}),
	exact: z
		.strictObject({
			status: z.enum(['optimal', 'infeasible', 'open']),
			energy: energy('Of the best assignment found; null for none.').nullable(),
			lowerBound: energy('No assignment within the limit on latency takes less; null where none exists.').nullable(),
		})
		.nullable(),
	training: z
		.strictObject({
			narrower: result({ unit: '1', help: 'What widths were divided by.' }),
			images: result({ unit: 'images', help: 'Learnt from.' }),
			epochs: result({ unit: 'epochs', help: 'Times through them.' }),
			networks: z.array(
				z.strictObject({
					network: z.string(),
					from: z.enum(['drawn evenly', 'candidate']),
					parameters: result({ unit: 'parameters', help: 'Of the network that was trained.' }),
					surrogate: accuracy('By the surrogate.'),
					trained: accuracy('On generated images it had not seen; ten classes.'),
				}),
			),
			tau: result({
				unit: '1',
				help: 'Kendall’s tau of surrogate and training over all of them; null if either is constant.',
			}).nullable(),
			tauOfDrawn: result({ unit: '1', help: 'Over those drawn evenly.' }).nullable(),
		})
		.nullable(),
	rivals: z.array(z.strictObject({ method: z.string(), networks: z.string(), chip: z.string(), ...point })),
});

export type Outputs = z.output<typeof outputs>;
