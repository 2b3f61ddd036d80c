/** How much faster 4-bit products are taken to be. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from '../inputs.ts';
import { rtx5090Speeds } from '../regions/rtx-5090.ts';
import { constantSpeeds, interpolatedSpeeds, readLatencies, type SpeedsOf } from '../regions/speeds.ts';

const MAX_FILE_BYTES = 1 << 22;

/** By the user's kernels, by the authors', as given, or ideal; and where they are from, in words. */
export async function readSpeeds({ speeds }: Inputs, context: RunContext): Promise<{ source: string; speedsOf: SpeedsOf }> {
	if (speeds.latencies !== undefined) {
		const file = await context.open(speeds.latencies);
		const points = readLatencies(await file.text(MAX_FILE_BYTES), file.name);
		return { source: `measured, ${file.name}`, speedsOf: interpolatedSpeeds(points) };
	}
	if (speeds.source === 'rtx-5090')
		return { source: 'measured by the authors on an RTX 5090', speedsOf: interpolatedSpeeds(rtx5090Speeds) };
	if (speeds.source === 'given')
		return {
			source: `given, ${speeds.forward} forward and ${speeds.backward} backward`,
			speedsOf: constantSpeeds(speeds.forward, speeds.backward),
		};
	return { source: 'ideal, twice in both directions', speedsOf: constantSpeeds(2, 2) };
}
