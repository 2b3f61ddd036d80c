/** Where the tests find the published data, and what they share. Nothing here is part of the system. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createContext, type DataFile, memoryFile, parseInputs } from '@assay/contract';
import fc from 'fast-check';
import type { AttentionShape } from './attention-shape.ts';
import fusemax from './index.ts';
import { type Outputs, outputs } from './outputs.ts';

const folder = process.env['ASSAY_DATA'] === undefined ? undefined : join(process.env['ASSAY_DATA'], 'fusemax');

/** Why tests against published data are skipped; undefined where they are not. */
export const dataMissing = folder !== undefined && existsSync(folder) ? undefined : 'needs ASSAY_DATA with the folder fusemax';
if (dataMissing !== undefined) console.log(`skipped in part: ${dataMissing}`);

/** Rows of a CSV file by column name. */
export async function dataRows(name: string): Promise<((column: string) => string)[]> {
	const [header, ...lines] = (await readFile(join(folder ?? '', name), 'utf8')).trim().split('\n');
	const columns = (header ?? '').trim().split(',');
	return lines.map((line) => {
		const cells = line.trim().split(',');
		return (column) => cells[columns.indexOf(column)] ?? '';
	});
}

/** 4K as 4096. */
export const tokensOf = (label: string): number =>
	Number.parseInt(label, 10) * (label.endsWith('M') ? 2 ** 20 : label.endsWith('K') ? 1024 : 1);

/** A run of the whole system, its outputs checked by their schema. */
export async function runWith(raw: Record<string, unknown>, files: Record<string, string | Uint8Array> = {}): Promise<Outputs> {
	const open = async (reference: string): Promise<DataFile> => memoryFile(reference, files[reference] ?? '');
	return outputs.parse(await fusemax.run(parseInputs(fusemax, raw), createContext({ seed: 3, open })));
}

/** Nothing but one short length: quick. */
export const small = { lengths: [1024], batch: 1, numeric: { formats: [] } };

/** Attentions with tiles of 8 to 64 and lengths that need not be multiples. */
export const anyShape: fc.Arbitrary<AttentionShape> = fc.record({
	batch: fc.integer({ min: 1, max: 8 }),
	heads: fc.integer({ min: 1, max: 16 }),
	queryKeyWidth: fc.integer({ min: 1, max: 256 }),
	valueWidth: fc.integer({ min: 1, max: 256 }),
	keys: fc.integer({ min: 1, max: 5000 }),
	queries: fc.integer({ min: 1, max: 5000 }),
});
