/** A process that makes a model ready: it may be ended at any time, and its memory is gone when it has. */
import { InputError } from '@assay/contract';
import { prepareJobSchema } from './job.ts';
import { prepare } from './prepare.ts';

process.once('message', async (message) => {
	try {
		const answer = await prepare(prepareJobSchema.parse(message), (fraction, note) => {
			process.send?.({ is: 'progress', fraction, note });
		});
		process.send?.({ is: 'answer', answer });
	} catch (error) {
		if (error instanceof InputError) {
			const { path, found, expected } = error;
			process.send?.({ is: 'mistake', path, found, expected });
		} else process.send?.({ is: 'failure', message: error instanceof Error ? error.message : String(error) });
	}
	process.disconnect();
});
