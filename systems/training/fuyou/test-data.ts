/** Where the tests find the published data, and what they share. Nothing here is part of the system. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { publishedServer, type Resources } from './resources.ts';

const folder = process.env['ASSAY_DATA'] === undefined ? undefined : join(process.env['ASSAY_DATA'], 'fuyou');

/** Why tests against published data are skipped; undefined where they are not. */
export const dataMissing = folder !== undefined && existsSync(folder) ? undefined : 'needs ASSAY_DATA with the folder fuyou';

/** Rows of a CSV file by column name. */
export async function dataRows(name: string): Promise<Map<string, string>[]> {
	const [header, ...lines] = (await readFile(join(folder ?? '', name), 'utf8')).trim().split('\n');
	const columns = header?.split(',') ?? [];
	return lines.map((line) => new Map(line.split(',').map((value, i) => [columns[i] ?? '', value])));
}

const rate = (low: number, high: number) => fc.double({ min: Math.log(low), max: Math.log(high), noNaN: true }).map(Math.exp);

/** Machines from a laptop to a server. Memory and drives are large, so that rates decide. */
export const anyMachine: fc.Arbitrary<Resources> = fc.record({
	gpuFlopsPerSecond: rate(20e12, 1000e12),
	gpuMemoryBytes: fc.constant(80e9),
	gpuMemoryBytesPerSecond: rate(500e9, 4000e9),
	linkBytesPerSecond: rate(6e9, 60e9),
	hostMemoryBytes: fc.constant(publishedServer.hostMemoryBytes),
	adamBytesPerSecond: rate(30e9, 200e9),
	drives: fc.integer({ min: 1, max: 16 }),
	driveBytes: fc.constant(publishedServer.driveBytes),
	driveReadBytesPerSecond: rate(1e9, 14e9),
	driveWriteBytesPerSecond: rate(1e9, 12e9),
	arrayReadBytesPerSecond: rate(10e9, 100e9),
	arrayWriteBytesPerSecond: rate(10e9, 100e9),
	hostActivationBytes: rate(1e9, 300e9),
});
