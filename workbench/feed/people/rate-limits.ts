/**
 * Token buckets: each holds up to `burst` tokens and is refilled at a steady rate; a request takes one or waits. Buckets are kept
 * in memory, per kind of request and subject (a network prefix, a user, an address), and the number of them is bounded: a full
 * bucket says no more than an absent one, so those go first.
 */

export type LimitKind = 'read' | 'search' | 'vote' | 'comment' | 'submission' | 'subscription' | 'run';

interface Limit {
	readonly requests: number;
	readonly perSeconds: number;
	/** What may come at once. */
	readonly burst: number;
}

/** A token, less what rounding may have taken from it. */
const WHOLE = 1 - 1e-9;
const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;

export const RATE_LIMITS: Readonly<Record<LimitKind, Limit>> = {
	read: { requests: 60, perSeconds: MINUTE, burst: 120 },
	search: { requests: 30, perSeconds: MINUTE, burst: 30 },
	vote: { requests: 60, perSeconds: HOUR, burst: 60 },
	comment: { requests: 10, perSeconds: HOUR, burst: 10 },
	submission: { requests: 5, perSeconds: DAY, burst: 5 },
	subscription: { requests: 3, perSeconds: HOUR, burst: 3 },
	run: { requests: 60, perSeconds: HOUR, burst: 20 },
};

/** What the `RateLimit` and `Retry-After` headers say. */
export interface RateDecision {
	readonly allowed: boolean;
	/** The bucket's size. */
	readonly limit: number;
	/** Whole requests left. */
	readonly remaining: number;
	/** Seconds until the bucket is full again, rounded up. */
	readonly reset: number;
	/** Seconds until the next request can succeed, rounded up; 0 when this one was allowed. */
	readonly retryAfter: number;
}

interface Bucket {
	tokens: number;
	/** Milliseconds of the clock. */
	at: number;
	readonly limit: Limit;
}

export class RateLimiter {
	private readonly buckets = new Map<string, Bucket>();
	private readonly clock: () => number;
	private readonly capacity: number;

	/** @param clock milliseconds, for example `Date.now`. */
	constructor(clock: () => number, capacity = 50_000) {
		this.clock = clock;
		this.capacity = capacity;
	}

	/** How many buckets are kept. */
	get size(): number {
		return this.buckets.size;
	}

	/** Takes one request from the bucket of every subject, or from none; the answer is that of the tightest bucket. */
	take(kind: LimitKind, ...subjects: readonly string[]): RateDecision {
		const limit = RATE_LIMITS[kind];
		const buckets = subjects.map((subject) => this.bucket(`${kind} ${subject}`, limit));
		const allowed = buckets.every((bucket) => bucket.tokens >= WHOLE);
		if (allowed) for (const bucket of buckets) bucket.tokens -= 1;
		const tokens = Math.max(0, Math.min(limit.burst, ...buckets.map((bucket) => bucket.tokens)));
		const secondsPerToken = limit.perSeconds / limit.requests;
		return {
			allowed,
			limit: limit.burst,
			remaining: Math.floor(tokens + 1 - WHOLE),
			reset: Math.ceil((limit.burst - tokens) * secondsPerToken),
			retryAfter: allowed ? 0 : Math.max(1, Math.ceil((1 - tokens) * secondsPerToken)),
		};
	}

	/** The bucket as it stands now; moved to the end, so that the map is in order of last use. */
	private bucket(key: string, limit: Limit): Bucket {
		const now = this.clock();
		const bucket = this.buckets.get(key) ?? { tokens: limit.burst, at: now, limit };
		bucket.tokens = tokensAt(bucket, now);
		bucket.at = now;
		this.buckets.delete(key);
		if (this.buckets.size >= this.capacity) this.makeRoom(now);
		this.buckets.set(key, bucket);
		return bucket;
	}

	private makeRoom(now: number): void {
		for (const [key, bucket] of this.buckets) if (tokensAt(bucket, now) >= bucket.limit.burst) this.buckets.delete(key);
		// When every bucket is in use, a tenth goes, the longest unused first, so that looking for room stays rare.
		let excess = this.buckets.size - Math.floor(this.capacity * 0.9);
		for (const key of this.buckets.keys()) {
			if (excess-- <= 0) break;
			this.buckets.delete(key);
		}
	}
}

function tokensAt({ tokens, at, limit }: Bucket, now: number): number {
	const seconds = Math.max(0, now - at) / 1000;
	return Math.min(limit.burst, tokens + (seconds * limit.requests) / limit.perSeconds);
}
