import fc from 'fast-check';
import { expect, test } from 'vitest';
import { networkPrefix } from './network-prefix.ts';
import { type LimitKind, RATE_LIMITS, RateLimiter } from './rate-limits.ts';

// Requests, seconds and burst as the specification's table has them.
test.each([
	['read', 60, 60, 120],
	['search', 30, 60, 30],
	['vote', 60, 3600, 60],
	['comment', 10, 3600, 10],
	['submission', 5, 86_400, 5],
	['subscription', 3, 3600, 3],
] as const)('%s: %d in %d s, %d at once, then 429 until exactly one has been refilled', (kind, requests, seconds, burst) => {
	let time = 1_000_000;
	const limiter = new RateLimiter(() => time);
	for (let left = burst - 1; left >= 0; left--)
		expect(limiter.take(kind, 'one')).toMatchObject({ allowed: true, limit: burst, remaining: left, retryAfter: 0 });
	const refused = limiter.take(kind, 'one');
	expect(refused).toEqual({
		allowed: false,
		limit: burst,
		remaining: 0,
		reset: Math.ceil((burst * seconds) / requests),
		retryAfter: Math.ceil(seconds / requests),
	});
	expect(limiter.take(kind, 'other').allowed).toBe(true);
	time += refused.retryAfter * 1000 - 1000;
	if (refused.retryAfter > 1) expect(limiter.take(kind, 'one').allowed).toBe(false);
	time += 1000;
	expect(limiter.take(kind, 'one').allowed).toBe(true);
	expect(limiter.take(kind, 'one').allowed).toBe(false);
});

test('in any stretch of time no more is allowed than the burst and what was refilled', () => {
	const steps = fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: 1, maxLength: 200 });
	fc.assert(
		fc.property(steps, fc.constantFrom<LimitKind>('read', 'search', 'vote'), (waits, kind) => {
			let time = 0;
			const limiter = new RateLimiter(() => time);
			const { requests, perSeconds, burst } = RATE_LIMITS[kind];
			let allowed = 0;
			for (const wait of waits) {
				time += wait;
				if (limiter.take(kind, 'x').allowed) allowed += 1;
				expect(allowed).toBeLessThanOrEqual(burst + (time / 1000) * (requests / perSeconds) + 1e-6);
			}
		}),
	);
});

test('of an address and a network both must have something left, and a refusal costs neither', () => {
	const limiter = new RateLimiter(() => 0);
	for (let index = 0; index < 3; index++) expect(limiter.take('subscription', 'network', `address ${index}`).allowed).toBe(true);
	expect(limiter.take('subscription', 'network', 'address 9').allowed).toBe(false);
	for (let index = 0; index < 3; index++)
		expect(limiter.take('subscription', `network ${index}`, 'address 9').allowed).toBe(true);
	expect(limiter.take('subscription', 'network 3', 'address 9').allowed).toBe(false);
});

test('memory stays bounded, and a bucket in use outlives those that are full again', () => {
	let time = 0;
	const limiter = new RateLimiter(() => time, 100);
	for (let index = 0; index < 50; index++) limiter.take('search', `early ${index}`);
	time += 120_000;
	for (let index = 0; index < 3; index++) limiter.take('subscription', 'busy');
	for (let index = 0; index < 55; index++) limiter.take('search', `late ${index}`);
	expect(limiter.take('subscription', 'busy').allowed).toBe(false);
	for (let index = 0; index < 10_000; index++) {
		limiter.take('search', `flood ${index}`);
		expect(limiter.size).toBeLessThanOrEqual(100);
	}
});

test.each([
	['192.0.2.77', '192.0.2.0/24'],
	['::ffff:192.0.2.77', '192.0.2.0/24'],
	['::ffff:c000:24d', '192.0.2.0/24'],
	['2001:db8:1:2:3:4:5:6', '2001:db8:1::/48'],
	['2001:db8:1::6', '2001:db8:1::/48'],
	['2001:0db8:0001:ffff::', '2001:db8:1::/48'],
	['fe80::1%eth0', 'fe80:0:0::/48'],
	['::1', '0:0:0::/48'],
	['::', '0:0:0::/48'],
	['localhost', 'unknown'],
	['192.0.2', 'unknown'],
	['', 'unknown'],
])('the network of %j is %j', (address, prefix) => expect(networkPrefix(address)).toBe(prefix));
