import { createContext, createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { decisionsOf, marginsOf } from '../diagnose/decisions.ts';
import { builtInModel } from '../model/built-in-models.ts';
import { shapeOf, writeModel } from '../model/float-model.ts';
import { openSession } from '../runtime.ts';
import { builtInSamples } from './built-in-samples.ts';
import { drawTextLine, turnedOver } from './draw-text.ts';
import { LETTERS, strokesOf } from './stroke-letters.ts';

test('every letter is strokes of at least two points within its box', () => {
	expect(LETTERS.toSorted().join('')).toBe('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ');
	for (const letter of LETTERS)
		for (const stroke of strokesOf(letter)) {
			expect(stroke.length, letter).toBeGreaterThan(1);
			for (const { across, down } of stroke) expect(across >= 0 && across <= 4 && down >= 0 && down <= 6, letter).toBe(true);
		}
	expect(strokesOf('?')).toEqual([]);
});

test('a line has colours from 0 to 1; turned over twice it is itself', () => {
	const line = drawTextLine(48, 192, createRandom(1));
	expect(line.colours.every((value) => value >= 0 && value <= 1)).toBe(true);
	const turned = turnedOver(line);
	expect(turned).not.toEqual(line);
	expect(turnedOver(turned)).toEqual(line);
});

test('the float networks know what is drawn: which way up it is, and where text is', async () => {
	const context = createContext({ seed: 5 });
	const run = async (name: 'text-direction' | 'text-detector', count: number) => {
		const { model } = await builtInModel(name, context);
		const shape = shapeOf(model, model.input);
		const { samples, labels } = await builtInSamples(name, shape, count, context);
		const session = await openSession(writeModel(model), { name: model.input, shape });
		const [output = ''] = model.outputs;
		const found: Float32Array[] = [];
		for (const sample of samples) found.push((await session.run(sample)).get(output)!);
		return { found, labels };
	};
	const { found, labels } = await run('text-direction', 16);
	expect(new Set(labels).size).toBe(2);
	const right = found.filter((shares, index) => decisionsOf(shares, [1, 2])[0] === labels![index]).length;
	expect(right).toBeGreaterThanOrEqual(14);
	expect(marginsOf(found[0]!, [1, 2])[0]).toBeGreaterThan(0.5);
	for (const map of (await run('text-detector', 1)).found) {
		const share = map.filter((value) => value > 0.5).length / map.length;
		expect(share).toBeGreaterThan(0.03);
		expect(share).toBeLessThan(0.5);
	}
});
