/**
 * What two training steps look like: what comes, is computed, leaves and is updated when, and what the device holds meanwhile.
 * Forward adds a unit's activations, backward adds its gradient and takes its activations away; the gradient is gone when it has been sent.
 */
import type { Planned } from '../outputs.ts';
import type { Span } from '../schedule/spans.ts';
import { simulateTraining } from '../schedule/training.ts';
import { STREAMED_TRAINING } from './model-units.ts';
import { type TrainingPlan, type TrainingRequest, trainingOptions } from './plan-training.ts';

const STEPS = 2;
const MOST_SPANS = 2000;

/** Classes of memory that change in a step; from the bottom of the picture to its top. */
const PARTS = ['shared weights and what belongs to them', 'activations', 'gradients', 'weights of units'] as const;
type Part = (typeof PARTS)[number];

interface Change {
	readonly seconds: number;
	readonly part: Part;
	readonly bytes: number;
}

export function trainingTimeline(request: TrainingRequest, plan: TrainingPlan): Pick<Planned, 'spans' | 'memory'> {
	const options = { ...trainingOptions(request, plan.window), iterations: STEPS, spanLimit: MOST_SPANS };
	const { spans } = simulateTraining(request.times, options);
	const changes = changesOf(spans, request, plan.window);
	const { weight, gradient } = STREAMED_TRAINING;
	const { sharedParameters, layerParameters } = request.units;
	const held: Record<Part, number> = {
		'shared weights and what belongs to them': (weight + gradient) * sharedParameters + plan.memory.optimizerBytes,
		activations: 0,
		gradients: 0,
		'weights of units': weight * layerParameters * plan.window,
	};
	const memory: Planned['memory'] = [];
	const note = (seconds: number): void => {
		let sum = 0;
		for (const part of PARTS) {
			sum += held[part];
			memory.push({ seconds, part, bytes: sum });
		}
	};
	note(0);
	// What leaves at a moment leaves before what comes at it.
	for (const { seconds, part, bytes } of changes.sort((a, b) => a.seconds - b.seconds || a.bytes - b.bytes)) {
		held[part] += bytes;
		note(seconds);
	}
	return { spans: spans.map((span) => ({ ...span })), memory };
}

/**
 * A step computes all units forward, then all backward. A unit's gradient is made beside its weights. With the optimizer on the host it
 * then takes their place until it is out; on the device it is used up, and the new weights stand there until they are out.
 */
function changesOf(spans: readonly Span[], { units, optimizer }: TrainingRequest, window: number): Change[] {
	const count = units.weightBytes.length;
	const onHost = optimizer === 'host';
	const isResident = window === count;
	const { weight, gradient } = STREAMED_TRAINING;
	const weightBytes = weight * units.layerParameters;
	const gradientBytes = gradient * units.layerParameters;
	const keptBytes = units.stateBytes / count;
	const changes: Change[] = [];
	const change = (seconds: number, part: Part, bytes: number): void => void changes.push({ seconds, part, bytes });
	let computed = 0;
	for (const { lane, unit, start, end } of spans) {
		if (lane === 'compute') {
			const isForward = computed++ % (2 * count) < count;
			if (isForward) {
				change(start, 'activations', keptBytes);
				if (unit < count - window) change(end, 'weights of units', -weightBytes);
				continue;
			}
			change(start, 'activations', units.scratchBytes);
			change(end, 'activations', -keptBytes - units.scratchBytes);
			change(start, 'gradients', gradientBytes);
			if (isResident) {
				if (unit === 0) change(end, 'gradients', -gradientBytes * count);
			} else if (onHost) change(end, 'weights of units', -weightBytes);
			else change(end, 'gradients', -gradientBytes);
		} else if (lane === 'out') {
			if (onHost) change(end, 'gradients', -gradientBytes);
			else if (unit >= window) change(end, 'weights of units', -weightBytes);
		} else if (lane === 'in') change(start, 'weights of units', weightBytes);
	}
	return changes;
}
