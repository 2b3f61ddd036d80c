/** Many active subscriptions at once, for tests of sending. */
import type { AssayDatabase } from '@assay/database';
import type { Secrets } from '../../people/secrets.ts';
import { tokenHash } from '../../people/tokens.ts';
import type { Cadence } from '../subscription.ts';

/** Subscribes addresses as if each had confirmed; their identifiers are `sub-0000`, `sub-0001`, ... */
export async function addSubscribers(
	{ kysely }: AssayDatabase,
	secrets: Secrets,
	addresses: readonly string[],
	now: Date,
	{ cadence = 'daily', topics = [] }: { readonly cadence?: Cadence; readonly topics?: readonly string[] } = {},
): Promise<string[]> {
	const at = now.toISOString();
	const rows = addresses.map((address, index) => {
		const id = `sub-${String(index).padStart(4, '0')}-${address}`.slice(0, 40).replace('@', '-at-');
		return {
			id,
			email_hash: secrets.hashAddress(address),
			email_encrypted: secrets.encryptAddress(address),
			state: 'active' as const,
			topics: JSON.stringify(topics),
			cadence,
			unsubscribe_hash: tokenHash(secrets.unsubscribeToken(id)),
			consent: JSON.stringify({ at, network: null, textVersion: '1', confirmedAt: at }),
			created_at: at,
			confirmed_at: at,
		};
	});
	for (let from = 0; from < rows.length; from += 500)
		await kysely
			.insertInto('subscriptions')
			.values(rows.slice(from, from + 500))
			.execute();
	return rows.map((row) => row.id);
}
