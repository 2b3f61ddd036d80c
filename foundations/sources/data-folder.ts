/** Where Assay keeps what it must not lose (runs) and what it can fetch again (data). */
import { join } from 'node:path';
import envPaths from 'env-paths';

/** The data folder: `ASSAY_HOME`, or the platform's usual one. */
export function dataFolder(): string {
	return process.env['ASSAY_HOME'] || envPaths('assay', { suffix: '' }).data;
}

/** Downloaded sources, under the data folder. */
export function sourceFolder(): string {
	return join(dataFolder(), 'sources');
}
