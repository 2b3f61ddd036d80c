/**
 * A process that runs a prepared model and nothing else, so that what is measured is the memory of running: it imports the runtime
 * and no parser or schema library.
 */
import { execute } from './execute.ts';
import type { ExecuteJob } from './job.ts';

process.once('message', async (job: ExecuteJob) => {
	try {
		process.send?.({ is: 'answer', answer: await execute(job) });
	} catch (error) {
		process.send?.({ is: 'failure', message: error instanceof Error ? error.message : String(error) });
	}
	process.disconnect();
});
