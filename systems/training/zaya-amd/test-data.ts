/** Where the tests find the published data. Nothing here is part of the system. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryFile } from '@assay/contract';
import { z } from 'zod';

const folder = process.env['ASSAY_DATA'] === undefined ? undefined : join(process.env['ASSAY_DATA'], 'zaya-amd');

/** Why tests against published data are skipped; undefined where they are not. */
export const dataMissing = folder !== undefined && existsSync(folder) ? undefined : 'needs ASSAY_DATA with the folder zaya-amd';

export const pause = async (): Promise<void> => undefined;

export async function dataFile(name: string) {
	return memoryFile(name, new Uint8Array(await readFile(join(folder ?? '', name))));
}

const numbers = z.array(z.number());

/** Outputs of the reference implementation: three layers over 12 tokens, then over 8, then over 4 single tokens. */
export const referenceOutputs = z.object({
	config: z.looseObject({}),
	input_ids: z.array(numbers),
	logits: numbers,
	layers: z.array(
		z.object({
			hidden_after_layer: numbers,
			router_weight: numbers,
			router_expert: numbers,
			router_softmax: numbers,
		}),
	),
});
