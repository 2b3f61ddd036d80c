/** The thread on which word vectors are converted: seconds of work that whoever serves should not wait for. */
import { parentPort, workerData } from 'node:worker_threads';
import { z } from 'zod';
import { convertWordVectors } from './convert-word-vectors.ts';

const { source, target, dimensions } = z
	.object({ source: z.string(), target: z.string(), dimensions: z.int() })
	.parse(workerData);
await convertWordVectors(source, target, dimensions, (fraction) => parentPort?.postMessage(fraction));
