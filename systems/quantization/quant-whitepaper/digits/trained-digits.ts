/** The network for digits, trained once for each recipe and kept in the data folder. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunContext } from '@assay/contract';
import type { ImageSet, TrainedNetwork } from '@assay/learning';
import { dataFolder } from '@assay/sources';
import { z } from 'zod';
import { type FloatTraining, trainFloat } from './train-digits.ts';

/** Raised when training would give other weights. */
const VERSION = 1;

export const usualTraining: FloatTraining = { seed: 1, epochs: 4, images: 8000 };

const numbers = z.array(z.number()).transform((values) => Float32Array.from(values));
const trainedSchema = z.object({
	convolutions: z.array(
		z.object({
			outputs: z.int(),
			kernel: z.int(),
			stride: z.int(),
			groups: z.int(),
			weights: numbers,
			gain: numbers,
			offset: numbers,
			mean: numbers,
			variance: numbers,
		}),
	),
	linear: numbers,
	bias: numbers,
	epsilon: z.number(),
});

/** Half a minute of training the first time; the same bits as a file afterwards. */
export async function trainedDigits(
	training: ImageSet,
	recipe: FloatTraining,
	context: Pick<RunContext, 'pause'>,
): Promise<TrainedNetwork> {
	const folder = join(dataFolder(), 'quant-whitepaper');
	const identity = createHash('sha256').update(JSON.stringify({ VERSION, recipe })).digest('hex').slice(0, 16);
	const path = join(folder, `digits-${identity}.json`);
	const kept = await readFile(path, 'utf8').catch(() => undefined);
	const known = kept === undefined ? undefined : parsed(kept);
	if (known !== undefined) return known;
	const trained = await trainFloat(training, recipe, context);
	await mkdir(folder, { recursive: true });
	const partial = `${path}.${process.pid}.partial`;
	await writeFile(
		partial,
		JSON.stringify(trained, (_, value: unknown) => (value instanceof Float32Array ? Array.from(value) : value)),
	);
	await rename(partial, path);
	return trained;
}

/** A file that was cut off is as good as none. */
function parsed(text: string): TrainedNetwork | undefined {
	try {
		return trainedSchema.safeParse(JSON.parse(text)).data;
	} catch {
		return undefined;
	}
}
