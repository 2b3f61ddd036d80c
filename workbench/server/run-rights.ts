/** Everybody sees what was run; stopping and deleting it is for who started it, and for moderators. */
import { isModerator, type User } from '@assay/feed';
import { HttpError } from './http/problem.ts';

interface Started {
	readonly userId: number | null;
}

export function mayChange(visitor: User | null, { userId }: Started): boolean {
	return visitor !== null && (userId === visitor.id || isModerator(visitor));
}

/** Raises 403 for somebody else's run or sweep. */
export function requireRights(visitor: User, started: Started): void {
	if (!mayChange(visitor, started)) throw new HttpError(403, 'Somebody else started this; only they and moderators may do that.');
}
