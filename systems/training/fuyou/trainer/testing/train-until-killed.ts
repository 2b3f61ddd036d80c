/** A program that trains in a folder until it is killed; says so after each step, and when it first writes state in a step. */
import { defaultAdam } from '@assay/learning';
import type { StreamingOptions } from '../streaming-options.ts';
import { StreamingTrainer } from '../streaming-trainer.ts';

const [folder, steps, throttle] = process.argv.slice(2);

/** Shared with the test, which goes on where this program was killed. */
export const crashOptions: Omit<StreamingOptions, 'folder'> = {
	shape: { batch: 1, sequenceTokens: 16, width: 64, heads: 4, hiddenWidth: 256, layers: 6, vocabulary: 64 },
	seed: 5,
	adam: defaultAdam,
	mode: 'inside-backward',
	readBeforeWrite: true,
	keptItems: ['middle'],
	stateCapBytes: 3e6,
	activationCapBytes: 64e3,
	driveThreads: 2,
	requestBytes: 1 << 20,
	throttleBytesPerSecond: 0,
};

if (import.meta.main) {
	const trainer = await StreamingTrainer.open({
		...crashOptions,
		folder: folder ?? '',
		throttleBytesPerSecond: Number(throttle ?? 0),
	});
	process.stdout.write(`open ${trainer.steps}\n`);
	while (trainer.steps < Number(steps ?? 0)) {
		await trainer.step();
		process.stdout.write(`step ${trainer.steps}\n`);
	}
	await trainer.close();
	process.stdout.write('done\n');
}
