/** What every page knows of the site and of its visitor. */
import { countOpenReviews, isModerator } from '@assay/feed';
import type { RequestContext } from '@assay/server';

export async function loadSite({ visitor, theme, areKeysOn, csrf, isStatic, origin, services }: RequestContext) {
	return {
		visitor: visitor === null ? null : { handle: visitor.handle, role: visitor.role },
		theme,
		areKeysOn,
		csrf,
		origin,
		isStatic,
		isLocal: services.settings.isLocal,
		unread: visitor !== null && isModerator(visitor) ? await countOpenReviews(services.database) : 0,
	};
}
