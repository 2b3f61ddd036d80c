/** What a server does by itself: sends digests, recomputes the weights of votes, forgets what has expired, backs itself up. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { feedCandidates, forgetExpired, planDigests, recomputeWeights, sendDigests } from '@assay/feed';
import { sql } from 'kysely';
import type { Services } from './services.ts';

const MINUTE = 60_000;
/** Hour in UTC from which the day's digests go out. */
const DIGEST_HOUR = 6;
const MAILS_A_SECOND = 5;
const BACKUPS_KEPT = 7;

/** Looks once a minute for what is due, until the signal. */
export async function keepUp(services: Services, signal: AbortSignal): Promise<void> {
	let digestDay = '';
	let nightlyDay = '';
	while (!signal.aborted) {
		const now = new Date();
		const day = now.toISOString().slice(0, 10);
		try {
			if (nightlyDay !== day) {
				await nightly(services, now);
				nightlyDay = day;
			}
			if (now.getUTCHours() >= DIGEST_HOUR && digestDay !== day) {
				await planDigests(services.database, services.mail, feedCandidates(services.database, services.mail), day, now);
				digestDay = day;
			}
			await sendDue(services, signal);
		} catch (error) {
			services.log(
				`upkeep failed and is tried again: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
			);
		}
		await sleep(MINUTE, undefined, { signal }).catch(() => undefined);
	}
}

async function sendDue({ database, secrets, mail, post, log }: Services, signal: AbortSignal): Promise<void> {
	const wait = async (milliseconds: number): Promise<void> => {
		await sleep(milliseconds, undefined, { signal }).catch(() => undefined);
	};
	const report = await sendDigests(database, secrets, mail, post.transport, {
		perSecond: MAILS_A_SECOND,
		clock: () => new Date(),
		wait,
		signal,
	});
	if (report.sent + report.deferred + report.bounced + report.failed + report.uncertain > 0)
		log(`digests: ${JSON.stringify(report)}`);
}

async function nightly(services: Services, now: Date): Promise<void> {
	await recomputeWeights(services.database, now);
	await services.search.current.refresh({ refit: true });
	await forgetExpired(services.database, now);
	if (services.database.engine === 'sqlite') await backUp(services, now);
}

/** A copy of the database, whole and compact, while it is in use; the last seven are kept. (PostgreSQL has its own tools.) */
async function backUp({ database, folder }: Services, now: Date): Promise<void> {
	const backups = join(folder, 'backups');
	await mkdir(backups, { recursive: true, mode: 0o700 });
	const target = join(backups, `assay-${now.toISOString().slice(0, 10)}.sqlite`);
	await rm(target, { force: true });
	await sql`vacuum into ${target}`.execute(database.kysely);
	const kept = (await readdir(backups)).filter((name) => /^assay-\d{4}-\d{2}-\d{2}\.sqlite$/.test(name)).sort();
	for (const name of kept.slice(0, -BACKUPS_KEPT)) await rm(join(backups, name));
}
