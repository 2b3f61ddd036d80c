/** Rate limits over HTTP. */
import type { LimitKind, RateDecision } from '@assay/feed';
import type { RequestContext } from '../request-context.ts';
import { HttpError } from './problem.ts';

/** The headers of draft-ietf-httpapi-ratelimit-headers, in its widely read form of three fields. */
function rateLimitHeaders(decision: RateDecision): Record<string, string> {
	return {
		'ratelimit-limit': String(decision.limit),
		'ratelimit-remaining': String(decision.remaining),
		'ratelimit-reset': String(decision.reset),
		...(!decision.allowed && { 'retry-after': String(decision.retryAfter) }),
	};
}

/**
 * Takes one request out of the visitor's budget, by network and by user, and by what `more` names; the answer says what is
 * left. Raises 429 when nothing is. The one user of a server on loopback is not limited.
 */
export function takeFromBudget(context: RequestContext, kind: LimitKind, ...more: readonly string[]): void {
	if (context.services.settings.isLocal) return;
	const { visitor, network, services } = context;
	const subjects = [`network ${network}`, ...(visitor === null ? [] : [`user ${visitor.id}`]), ...more];
	const decision = services.limits.take(kind, ...subjects);
	for (const [name, value] of Object.entries(rateLimitHeaders(decision))) context.answerHeaders.set(name, value);
	if (!decision.allowed) throw new HttpError(429, `Too many requests; try again in ${decision.retryAfter} s.`);
}
