/** A form of ours carries a token that another site cannot know: a keyed hash over the session it was made for. */
import { equalInConstantTime, type Secrets } from './secrets.ts';
import { tokenHash } from './tokens.ts';

/** @param session the session's token, or null for someone who is not signed in. */
export function csrfToken(secrets: Secrets, session: string | null): string {
	return secrets.csrfToken(bearer(session));
}

/** Whether a form came from a page made for this session. */
export function isCsrfTokenValid(secrets: Secrets, session: string | null, brought: string): boolean {
	return equalInConstantTime(csrfToken(secrets, session), brought);
}

function bearer(session: string | null): string {
	return session === null ? 'anonymous' : `session ${tokenHash(session)}`;
}
