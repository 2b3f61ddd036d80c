/** What wider groups do to accuracy, on generated images: several seeds for each width, with an interval for the mean. */
import { mean, type RunContext, standardDeviation } from '@assay/contract';
import type { Inputs } from '../inputs.ts';
import type { TrainingOutput } from '../outputs.ts';
import { type Trained, type Training, trainTask } from './train-network.ts';

/** Two-sided 95 % points of Student's distribution with 1 to 19 degrees of freedom. */
const STUDENT_95 = [
	12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101,
	2.093,
];

/** Images to test on: a quarter as many as to learn from, within these. */
const [FEWEST_TEST_IMAGES, MOST_TEST_IMAGES] = [32, 1024];

export async function runTraining(
	{ widths, seeds, ...options }: Inputs['train'],
	context: Pick<RunContext, 'seed' | 'parallel' | 'progress'>,
): Promise<TrainingOutput> {
	const testImages = Math.max(FEWEST_TEST_IMAGES, Math.min(MOST_TEST_IMAGES, Math.floor(options.images / 4)));
	const wanted = [...new Set(widths)].sort((a, b) => a - b);
	const items = wanted.flatMap((width) =>
		Array.from(
			{ length: seeds },
			(_, index): Training => ({
				...options,
				width,
				seed: context.seed + index,
				imagesSeed: context.seed,
				testImages,
			}),
		),
	);
	let done = 0;
	context.progress(0, 'images');
	const trained = await context.parallel(trainTask, items, () => {
		done++;
		context.progress(done / items.length, `${done} of ${items.length} networks`);
	});
	return {
		images: options.images,
		epochs: options.epochs,
		points: wanted.map((width, at) => pointOf(width, trained.slice(at * seeds, (at + 1) * seeds))),
	};
}

function pointOf(width: number, trained: readonly Trained[]): TrainingOutput['points'][number] {
	const accuracies = trained.map(({ accuracy }) => accuracy);
	const spread =
		trained.length < 2
			? null
			: ((STUDENT_95[trained.length - 2] as number) * standardDeviation(accuracies)) / Math.sqrt(trained.length);
	return {
		width,
		parameters: trained[0]?.parameters ?? 0,
		accuracies,
		accuracy: mean(accuracies),
		spread,
		loss: mean(trained.map(({ loss }) => loss)),
	};
}

/** In one line. */
export function trainingAnswer({ points, images, epochs }: TrainingOutput): string {
	const figures = points.map(
		({ width, accuracy, spread }) =>
			`${(100 * accuracy).toFixed(1)}${spread === null ? '' : ` ± ${(100 * spread).toFixed(1)}`} % with ${width}`,
	);
	return `Accuracy by channels a group, on generated shapes (${images} images, ${epochs} epochs; not ImageNet): ${figures.join(', ')}.`;
}
