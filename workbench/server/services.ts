/** Everything a server holds open, in the order it is opened; closed the other way round. */
import { type AssayDatabase, openDatabase } from '@assay/database';
import {
	loadSecrets,
	localUser,
	type MailSettings,
	openPostOffice,
	type PostOffice,
	RateLimiter,
	readMailSettings,
	type Secrets,
	type SendOutcome,
	seedSample,
	type User,
} from '@assay/feed';
import { LocalExecutor, RunQueue, RunStore } from '@assay/runs';
import { dataFolder } from '@assay/sources';
import { makeAdministrator } from './administrator.ts';
import { openSearch, type Search } from './search.ts';
import type { ServerSettings } from './settings.ts';

export interface Services {
	readonly settings: ServerSettings;
	readonly folder: string;
	readonly database: AssayDatabase;
	readonly store: RunStore;
	readonly queue: RunQueue;
	/** The one user of a server on loopback; null where people sign in. */
	readonly localUser: User | null;
	readonly secrets: Secrets;
	readonly limits: RateLimiter;
	readonly search: Search;
	readonly mail: MailSettings;
	readonly post: PostOffice;
	/** Lets a mail go out without waiting for it: how long that takes must not tell whether anybody has the address. */
	send(outcome: Promise<SendOutcome>): void;
	/** What happens when somebody has signed in: the first administrator becomes one. */
	welcome(user: User): Promise<void>;
	log(message: string): void;
	close(): Promise<void>;
}

export interface OpenOptions {
	readonly folder?: string;
	/** Address in links of mails, where settings have no public one. */
	readonly origin: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
	readonly log: (message: string) => void;
	/** Milliseconds by which limits refill; the system's clock unless told. */
	readonly clock?: () => number;
}

export async function openServices(settings: ServerSettings, options: OpenOptions): Promise<Services> {
	const { folder = dataFolder(), origin, environment, log, clock = Date.now } = options;
	const secrets = await loadSecrets(folder, environment['ASSAY_SECRET']);
	const mail = readMailSettings(settings.publicUrl ?? origin, environment);
	const database = await openDatabase(folder, environment['DATABASE_URL']);
	await seedSample(database, new Date());
	const store = await RunStore.open(folder, database);
	if (settings.sweepExecutor === 'distributed') store.sharedUrl();
	const onFault = (error: unknown): void =>
		log(`the queue of runs failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
	const queue = new RunQueue(store, new LocalExecutor(folder, { hands: settings.hands }), onFault, settings.sweepExecutor);
	await queue.takeUp();
	const local = settings.isLocal ? await localUser(database, new Date()) : null;
	const search = await openSearch(database, folder, log);
	const leaving = new Set<Promise<void>>();
	return {
		settings,
		folder,
		database,
		store,
		queue,
		localUser: local,
		secrets,
		limits: new RateLimiter(clock),
		search,
		mail,
		post: openPostOffice(mail, folder),
		send: (outcome) => {
			const left = outcome
				.then(
					(end) => {
						if (end.kind !== 'sent') log(`a mail was not sent: ${end.kind}`);
					},
					(error: unknown) => log(`a mail was not sent: ${error instanceof Error ? error.message : String(error)}`),
				)
				.finally(() => leaving.delete(left));
			leaving.add(left);
		},
		welcome: (user) => makeAdministrator(database, secrets, settings.administrator, user),
		log,
		close: async () => {
			await queue.close();
			await Promise.all(leaving);
			await search.complete;
			await store.close();
		},
	};
}
