/** How the command line ends when something went wrong. */
import { DataUnavailableError, InputError } from '@assay/contract';

export const EXIT = { failure: 1, badInput: 2, dataUnavailable: 3, stopped: 130 } as const;

/** Prints an error as its kind deserves and returns the exit status. */
export function explainFailure(error: unknown): number {
	if (error instanceof InputError) {
		process.stderr.write(`error: ${error.message}\n`);
		return EXIT.badInput;
	}
	if (error instanceof DataUnavailableError) {
		process.stderr.write(`error: ${error.message}\n`);
		return EXIT.dataUnavailable;
	}
	process.stderr.write(
		`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\nThis is a fault of Assay's, not of your input.\n`,
	);
	return EXIT.failure;
}
