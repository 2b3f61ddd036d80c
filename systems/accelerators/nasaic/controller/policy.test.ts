import { expect, test } from 'vitest';
import { chipOf, createDesignSpace, drawEvenly } from '../search/design-space.ts';
import { firstSpace, seeded } from '../test-data.ts';
import { createPolicy, type Mask, type Policy, type Trajectory } from './policy.ts';
import { createLearner, policyGradient } from './reinforce.ts';

const SIZES = [2, 3, 2];
/** The third decision may be 1 only after a second of 0 or 1. */
const mask: Mask = (t, chosen, allowed) => {
	allowed.fill(1);
	if (t === 2 && chosen[1] === 2) allowed[1] = 0;
};
const reward = ([a = 0, b = 0, c = 0]: ArrayLike<number> & Iterable<number>): number => 1 + a - 0.5 * b + 2 * a * c - 0.7 * b * c;

/** Expected reward over all sequences, each with the product of its chances. */
function expectedReward(policy: Policy): number {
	const trajectory = policy.trajectory();
	let total = 0;
	for (let a = 0; a < 2; a++)
		for (let b = 0; b < 3; b++)
			for (let c = 0; c < 2; c++) {
				trajectory.chosen.set([a, b, c]);
				policy.sample(seeded('unused'), trajectory, 3);
				const chance = [a, b, c].reduce((product, option, t) => product * (trajectory.probabilities[t]?.[option] ?? 0), 1);
				total += chance * reward([a, b, c]);
			}
	return total;
}

test('back-propagation of every sequence, weighted by its chance, is the gradient of the expected reward by finite differences', () => {
	const policy = createPolicy(SIZES, mask, seeded('gradient'));
	const exact = new Float64Array(policy.parameters.length);
	const trajectory = policy.trajectory();
	for (let a = 0; a < 2; a++)
		for (let b = 0; b < 3; b++)
			for (let c = 0; c < 2; c++) {
				trajectory.chosen.set([a, b, c]);
				policy.sample(seeded('unused'), trajectory, 3);
				const chance = [a, b, c].reduce((product, option, t) => product * (trajectory.probabilities[t]?.[option] ?? 0), 1);
				if (chance > 0)
					policy.accumulateGradient(
						trajectory,
						[0, 1, 2].map(() => chance * reward([a, b, c])),
						exact,
					);
			}
	const random = seeded('coordinates');
	for (let i = 0; i < 60; i++) {
		const at = random.integer(policy.parameters.length);
		const value = policy.parameters[at] as number;
		const step = 1e-4;
		policy.parameters[at] = value + step;
		const above = expectedReward(policy);
		policy.parameters[at] = value - step;
		const below = expectedReward(policy);
		policy.parameters[at] = value;
		expect(exact[at]).toBeCloseTo((above - below) / (2 * step), 7);
	}
});

test('REINFORCE with 100,000 samples is within 1 % of finite differences over the biases of the heads', () => {
	const policy = createPolicy(SIZES, mask, seeded('gradient'));
	const random = seeded('samples');
	const SAMPLES = 100_000;
	// Equal samples have equal chances and gradients, so each sequence is run and differentiated once, and counts as often as it is drawn.
	const sequences: { trajectory: Trajectory; chance: number; count: number }[] = [];
	for (let a = 0; a < 2; a++)
		for (let b = 0; b < 3; b++)
			for (let c = 0; c < 2; c++) {
				const trajectory = policy.trajectory();
				trajectory.chosen.set([a, b, c]);
				policy.sample(random, trajectory, SIZES.length);
				const chance = [a, b, c].reduce((product, option, t) => product * (trajectory.probabilities[t]?.[option] ?? 0), 1);
				sequences.push({ trajectory, chance, count: 0 });
			}
	for (let i = 0; i < SAMPLES; i++) {
		let left = random.uniform();
		const drawn = sequences.find(({ chance }) => {
			left -= chance;
			return left < 0;
		});
		if (drawn !== undefined) drawn.count++;
	}
	const batch = sequences.filter(({ count }) => count > 0);
	const baseline = expectedReward(policy);
	const estimate = policyGradient(
		policy,
		batch.map(({ trajectory }) => trajectory),
		batch.map(({ trajectory, count }) => ((reward(trajectory.chosen) - baseline) * count * batch.length) / SAMPLES),
	);
	// As vectors.
	let apart = 0;
	let length = 0;
	for (const [t, start] of policy.layout.headBias.entries()) {
		for (let at = start; at < start + (SIZES[t] as number); at++) {
			const value = policy.parameters[at] as number;
			policy.parameters[at] = value + 1e-4;
			const above = expectedReward(policy);
			policy.parameters[at] = value - 1e-4;
			const slope = (above - expectedReward(policy)) / 2e-4;
			policy.parameters[at] = value;
			apart += (slope - (estimate[at] as number)) ** 2;
			length += slope ** 2;
		}
	}
	expect(Math.sqrt(apart / length)).toBeLessThan(1e-2);
});

test('the gradient of the entropy is that of finite differences', () => {
	const policy = createPolicy([3], (_, __, allowed) => void allowed.fill(1), seeded('entropy'));
	const trajectory = policy.trajectory();
	const entropy = (): number => {
		policy.sample(seeded('unused'), trajectory, 1);
		return (trajectory.probabilities[0] as Float64Array).reduce((sum, chance) => sum - chance * Math.log(chance), 0);
	};
	policy.parameters[policy.layout.headBias[0] as number] = 1;
	entropy();
	const exact = new Float64Array(policy.parameters.length);
	policy.accumulateGradient(trajectory, [0], exact, 1);
	const random = seeded('coordinates');
	for (let i = 0; i < 60; i++) {
		const at = i < 3 ? (policy.layout.headBias[0] as number) + i : random.integer(policy.parameters.length);
		const value = policy.parameters[at] as number;
		policy.parameters[at] = value + 1e-4;
		const above = entropy();
		policy.parameters[at] = value - 1e-4;
		const below = entropy();
		policy.parameters[at] = value;
		expect(exact[at]).toBeCloseTo((above - below) / 2e-4, 7);
	}
});

test('learning ends at the best sequence', () => {
	const policy = createPolicy(SIZES, mask, seeded('learning'));
	const learn = createLearner(policy);
	const random = seeded('episodes');
	const batch = Array.from({ length: 10 }, () => policy.trajectory());
	for (let episode = 0; episode < 200; episode++) {
		for (const trajectory of batch) policy.sample(random, trajectory);
		learn(
			batch,
			batch.map(({ chosen }) => reward(chosen)),
		);
	}
	expect(expectedReward(policy)).toBeGreaterThan(0.95 * reward([1, 0, 1]));
});

test('1,000,000 designs under the mask keep the limits on elements and bandwidth', () => {
	const space = firstSpace();
	const random = seeded('mask');
	const chosen = new Int32Array(space.sizes.length);
	const draw = (): boolean => {
		const chip = chipOf(space, chosen);
		const sum = (of: (typeof chip)[number], key: 'elements' | 'bandwidth') => of[key];
		const elements = chip.reduce((total, one) => total + sum(one, 'elements'), 0);
		const bandwidth = chip.reduce((total, one) => total + sum(one, 'bandwidth'), 0);
		return chip.length > 0 && elements <= 4096 && bandwidth <= 64;
	};
	let broken = 0;
	for (let i = 0; i < 1_000_000; i++) {
		drawEvenly(space, random, chosen, space.networkDecisions);
		if (!draw()) broken++;
	}
	expect(broken).toBe(0);
});

test('with four sub-accelerators the controller itself keeps the limits too', () => {
	const base = firstSpace();
	const space = createDesignSpace({
		...base,
		accelerators: 4,
		organisation: 'homogeneous',
		mostElements: 256,
		mostBandwidth: 32,
	});
	const policy = createPolicy(space.sizes, space.mask, seeded('four'));
	const trajectory = policy.trajectory();
	const random = seeded('four chips');
	for (let i = 0; i < 500; i++) {
		policy.sample(random, trajectory);
		const chip = chipOf(space, trajectory.chosen);
		expect(chip.reduce((sum, { elements }) => sum + elements, 0)).toBeLessThanOrEqual(256);
		expect(chip.reduce((sum, { bandwidth }) => sum + bandwidth, 0)).toBeLessThanOrEqual(32);
		expect(new Set(chip.map(({ mapping }) => mapping.name)).size).toBe(1);
	}
});
