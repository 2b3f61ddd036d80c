/** Pools, softmaxes, concatenations and moves as steps of a network that is trained. */
import { integer } from '../model/attributes.ts';
import { elements, type FloatModel, shapeOf } from '../model/float-model.ts';
import { movedPlaces } from '../model/moved-values.ts';
import { windowOf } from '../model/window-of.ts';
import type { PlainUnit } from '../quantize/units.ts';
import { concatenationStep, moveStep, poolStep, softmaxStep } from './plain-steps.ts';
import type { Tracked, TrainedStep } from './tracked.ts';

/** `reading`, `making`: a tensor as those that follow read it, and as its operator makes it. */
export function plainSteps(
	unit: PlainUnit,
	model: FloatModel,
	reading: (name: string) => Tracked,
	making: (name: string) => Tracked,
): TrainedStep[] {
	const [input = ''] = unit.inputs;
	const [output = ''] = unit.outputs;
	const [from, to] = [shapeOf(model, input), shapeOf(model, output)];
	switch (unit.kind) {
		case 'average-pool':
		case 'max-pool': {
			const isWhole = unit.node.opType === 'GlobalAveragePool';
			const window = windowOf(unit.node, isWhole ? from.slice(2) : [], from, to);
			return [poolStep(unit.kind, reading(input), making(output), window, from, to)];
		}
		case 'softmax':
			return [softmaxStep(reading(input), making(output), to.at(-1) ?? 1)];
		case 'concatenation': {
			const axis = (integer(unit.node, 'axis', 0) + to.length) % to.length;
			const runs = unit.inputs.map((name) => elements(shapeOf(model, name).slice(axis)));
			return [concatenationStep(unit.inputs.map(reading), making(output), runs)];
		}
		case 'reshape':
			return [
				moveStep(
					reading(input),
					making(output),
					Int32Array.from({ length: elements(to) }, (_, i) => i),
				),
			];
		case 'move':
			return (movedPlaces(model, unit.node) ?? []).flatMap((places, index) => {
				const name = unit.outputs[index] ?? '';
				return name === '' ? [] : [moveStep(reading(input), making(name), places)];
			});
	}
}
