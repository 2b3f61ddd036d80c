/** A process that sends what is due and ends, for tests that kill it. Prints its report. */
import { openDatabase } from '@assay/database';
import { dataFolder } from '@assay/sources';
import { loadSecrets } from '../../people/secrets.ts';
import { sendDigests } from '../send-digests.ts';
import { readMailSettings } from '../settings.ts';
import { openTransport } from '../transport.ts';

const database = await openDatabase();
const settings = readMailSettings('https://papers.example.org');
const report = await sendDigests(database, await loadSecrets(), settings, openTransport(settings, dataFolder()), {
	perSecond: 100_000,
	clock: () => new Date(),
	wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
});
await database.close();
console.log(JSON.stringify(report));
