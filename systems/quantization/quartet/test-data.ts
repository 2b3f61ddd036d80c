/** Where the tests find the published data. Nothing here is part of the system. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TrainingRun } from './law/loss-law.ts';

const folder = join(process.env['ASSAY_DATA'] ?? '', 'quartet');
/** Whether the published data are at hand; says so where they are not. */
export const dataPresent = process.env['ASSAY_DATA'] !== undefined && existsSync(folder);
if (!dataPresent) console.log('skipped: ASSAY_DATA has no folder quartet');

export function dataText(name: string): string {
	return readFileSync(join(folder, name), 'utf8');
}

/** Rows of a CSV without quotes, by column. */
export function dataRows(name: string): Record<string, string>[] {
	const [header = '', ...lines] = dataText(name).trim().split(/\r?\n/);
	const keys = header.split(',');
	return lines.map((line) => Object.fromEntries(line.split(',').map((cell, index) => [keys[index] as string, cell])));
}

/** Published runs of two quantisers, by the names of the data. */
export function publishedRuns(forward: string, backward: string): TrainingRun[] {
	return dataRows('c4_val_losses.csv')
		.filter((row) => row['forward'] === forward && row['backward'] === backward)
		.map((row) => ({
			parameters: Number(row['n_nonembedding']),
			tokens: Number(row['tokens']),
			loss: Number(row['c4_val_loss']),
		}));
}
