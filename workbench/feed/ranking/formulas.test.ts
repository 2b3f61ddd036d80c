import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hackerNewsPenalty, hackerNewsScore } from './hacker-news.ts';
import { lobstersHotness } from './lobsters.ts';
import { redditHot } from './reddit-hot.ts';
import { type TrendingActivity, trending } from './trending.ts';
import { wilsonLowerBound } from './wilson.ts';

test.each([
	[101, 10, 0.454437],
	[5, 1, 0.419594],
	[300, 48, 0.083636],
	[2, 0, 0.287175],
])('Hacker News: %d points after %d h score %d', (points, hours, wanted) => {
	expect(hackerNewsScore(points, hours)).toBeCloseTo(wanted, 6);
});

test('Hacker News: duplicates, flags and quarrels lose, others do not', () => {
	expect(hackerNewsPenalty(10, { duplicate: false, flags: 0, comments: 40 })).toBe(1);
	expect(hackerNewsPenalty(100, { duplicate: false, flags: 0, comments: 60 })).toBe(1);
	expect(hackerNewsPenalty(25, { duplicate: false, flags: 0, comments: 50 })).toBe(0.25);
	expect(hackerNewsPenalty(10, { duplicate: true, flags: 0, comments: 0 })).toBe(0.1);
	expect(hackerNewsPenalty(10, { duplicate: false, flags: 1, comments: 0 })).toBe(0.5);
});

test.each([
	[10, 0, -13633.0413927],
	[10, 25, -13633.5563025],
	[-3, 0, -13631.69897],
	[0, 0, -13632],
])('Lobsters: score %d with %d comment points', (score, commentPoints, wanted) => {
	expect(lobstersHotness(score, commentPoints, 1_766_707_200)).toBeCloseTo(wanted, 6);
});

test('Reddit: ten times the votes are worth 12.5 hours, downvotes count against', () => {
	expect(redditHot(1, 1_134_028_003)).toBe(0);
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 1e6 }), fc.integer({ min: 1.5e9, max: 2e9 }), (score, created) => {
			expect(redditHot(10 * score, created)).toBeCloseTo(redditHot(score, created + 45_000), 8);
			expect(redditHot(-10 * score, created)).toBeCloseTo(redditHot(-score, created - 45_000), 8);
		}),
	);
});

test('Wilson: published values, and the bound solves the equation it is defined by', () => {
	expect(wilsonLowerBound(9, 1)).toBeCloseTo(0.595844, 6);
	expect(wilsonLowerBound(90, 10)).toBeCloseTo(0.825633, 6);
	expect(wilsonLowerBound(0, 0)).toBe(0);
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 1e4 }), fc.integer({ min: 0, max: 1e4 }), (up, down) => {
			const [n, share, bound] = [up + down, up / (up + down), wilsonLowerBound(up, down)];
			// (share - p)^2 = z^2 p (1 - p) / n at both ends of the interval.
			expect((share - bound) ** 2).toBeCloseTo((1.96 ** 2 * bound * (1 - bound)) / n, 9);
			expect(bound).toBeLessThan(share);
		}),
	);
});

const now = new Date('2026-01-10T00:00:00Z');
const before = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
const later = (hours: number): Date => before(-hours);

test('trending: closed forms', () => {
	const score = (activity: Partial<TrendingActivity>): number =>
		trending({ votes: [], comments: [], organisations: 0, ...activity }, now).score;
	expect(score({})).toBe(0);
	expect(score({ votes: [{ at: now, weight: 1 }] })).toBe(1);
	expect(
		score({
			votes: [
				{ at: before(12), weight: 1 },
				{ at: before(24), weight: 0.2 },
			],
		}),
	).toBeCloseTo(0.5 + 0.05, 12);
	expect(score({ votes: [{ at: now, weight: 1 }], organisations: 3 })).toBeCloseTo(1.4, 12);
	const talk = Array.from({ length: 9 }, (_, index) => ({ at: before(12 * index), user: 7 }));
	expect(score({ comments: talk })).toBeCloseTo(0.5 * (1 + 0.5 + 0.25), 12);
	expect(score({ comments: [...talk, { at: now, user: 8 }] })).toBeCloseTo(0.5 * (1 + 0.5 + 0.25 + 1), 12);
});

const activities = fc.record({
	votes: fc.array(fc.record({ at: fc.double({ min: 0, max: 300, noNaN: true }).map(before), weight: fc.constantFrom(0.2, 1) })),
	comments: fc.array(
		fc.record({ at: fc.double({ min: 0, max: 300, noNaN: true }).map(before), user: fc.integer({ min: 1, max: 4 }) }),
	),
	organisations: fc.integer({ min: 0, max: 20 }),
});

test('trending: one more vote, comment or organisation never lowers it', () => {
	fc.assert(
		fc.property(activities, fc.double({ min: 0, max: 300, noNaN: true }), (activity, hours) => {
			const { score } = trending(activity, now);
			const { votes, comments, organisations } = activity;
			expect(trending({ ...activity, votes: [...votes, { at: before(hours), weight: 1 }] }, now).score).toBeGreaterThan(score);
			const remarks = [...comments, { at: before(hours), user: 1 }];
			expect(trending({ ...activity, comments: remarks }, now).score).toBeGreaterThanOrEqual(score);
			expect(trending({ ...activity, organisations: organisations + 1 }, now).score).toBeGreaterThanOrEqual(score);
		}),
	);
});

test('trending: without new activity it halves every 12 hours, and its parts make up the score', () => {
	fc.assert(
		fc.property(activities, fc.double({ min: 0, max: 100, noNaN: true }), (activity, hours) => {
			const [first, second] = [trending(activity, later(hours)), trending(activity, later(hours + 12))];
			expect(second.score).toBeCloseTo(first.score / 2, 9);
			expect(first.score).toBeCloseTo(first.bonus * (first.votes + first.comments), 12);
		}),
	);
});
