/** Panels of trainings done here. */
import type { Panel, PlotPanel, Row } from '@assay/contract';
import type { TrainingOutput } from '../outputs.ts';

export function reportTraining(training: TrainingOutput): Panel[] {
	const { summary, runs, entropy, corpus, gradients } = training;
	return [
		{
			kind: 'table',
			title: 'Held-out loss after the last step',
			note: `${training.parameters.toLocaleString('en-US')} parameters, ${training.blockParameters.toLocaleString('en-US')} of them in the blocks, where products are quantised; ${training.tokensPerStep} tokens a step of ${corpus}. Each seed has the same first values and batches in all schemes, so differences seed by seed say more than means do.`,
			columns: [
				{ key: 'scheme', label: 'Scheme' },
				{ key: 'mean', label: 'Loss', unit: 'nats', digits: 5 },
				{ key: 'spread', label: 'Deviation over seeds', unit: 'nats', digits: 2 },
				{ key: 'gap', label: 'Above the first', unit: 'nats', digits: 3 },
				{ key: 'gapSpread', label: 'Deviation of that, seed by seed', unit: 'nats', digits: 2 },
			],
			rows: summary.map((row) => ({ ...row })),
		},
		curve(
			'Training loss',
			'Means over a few steps.',
			runs.flatMap(({ scheme, seed, losses, lossEverySteps }) =>
				losses.map((loss, index): Row => ({ scheme, run: `${scheme} ${seed}`, step: (index + 1) * lossEverySteps, loss })),
			),
			entropy,
		),
		curve(
			'Held-out loss',
			'On text that no step has seen.',
			runs.flatMap(({ scheme, seed, validations }) =>
				validations.map(({ step, loss }): Row => ({ scheme, run: `${scheme} ${seed}`, step, loss })),
			),
			entropy,
		),
		...(gradients.length === 0
			? []
			: [
					depthPlot(
						training,
						'cosine',
						'Gradients turn on their way down',
						'Cosine of the gradient with quantised backward products and the exact one. 1 is the same direction.',
					),
					depthPlot(
						training,
						'alignment',
						'Gradients shrink on their way down',
						'Length of the quantised gradient’s projection on the exact one. 1 is the same length on average; less acts as a lower learning rate in early blocks.',
					),
				]),
		{ kind: 'file', title: 'Curves', artifact: 'curves.csv', note: 'Held-out losses of all trainings.' },
		{
			kind: 'file',
			title: 'The first model',
			artifact: 'model.safetensors',
			note: 'Its weights under the names that Hugging Face uses.',
		},
		// A generated language needs no tokenizer.
		...(entropy === null
			? [
					{
						kind: 'file' as const,
						title: 'The tokenizer',
						artifact: 'tokenizer.json',
						note: 'As Hugging Face’s libraries read it.',
					},
				]
			: []),
	];
}

function curve(title: string, note: string, data: readonly Row[], entropy: number | null): PlotPanel {
	return {
		kind: 'plot',
		title,
		note,
		x: { label: 'Step' },
		y: { label: 'Loss', unit: 'nats' },
		color: { label: 'Scheme' },
		marks: [
			{ mark: 'line', data, x: 'step', y: 'loss', color: 'scheme', series: 'run' },
			...(entropy === null ? [] : [{ mark: 'rule' as const, y: entropy, label: 'least there is' }]),
		],
	};
}

function depthPlot({ gradients }: TrainingOutput, figure: 'cosine' | 'alignment', title: string, note: string): PlotPanel {
	const data = gradients
		.filter((row) => row[figure] !== null)
		.map(({ quantizer, depth, [figure]: value }) => ({ quantizer, depth, value }));
	return {
		kind: 'plot',
		title,
		note: `${note} Forward products are exact.`,
		x: { label: 'Blocks that the gradient came back through' },
		y: { label: figure === 'cosine' ? 'Cosine' : 'Projection' },
		color: { label: 'Backward quantiser' },
		marks: [
			{ mark: 'line', data, x: 'depth', y: 'value', color: 'quantizer' },
			{ mark: 'dot', data, x: 'depth', y: 'value', color: 'quantizer' },
		],
	};
}
