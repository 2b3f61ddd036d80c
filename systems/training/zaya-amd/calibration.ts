/** How far predictions of collectives can be trusted. */
import { type Calibration, calibrationError } from '@assay/contract';
import { nodeAllReduce } from './network/collective-schedule.ts';
import { simulateMessages } from './network/flow-simulator.ts';
import { linkMatrixFromRows } from './network/link-matrix.ts';
import { curveSeconds, fitCollective } from './network/protocol-fit.ts';
import { measuredNodeRanks, publishedAllReduce, publishedLinkGigabytes } from './network/published-measurements.ts';
import { meshNode } from './network/topology.ts';

const options = { collective: 'all-reduce', ranks: measuredNodeRanks, lines: 3 } as const;
const smallestFitted = 1024;

/** Times of the largest messages, where links and not latencies count. */
const largest = (bytes: number): boolean => bytes >= 2 ** 30;

export const calibration: Calibration = {
	checks: [
		{
			against: '25 times of all-reduce over eight MI300X, 1 KiB to 16 GiB, published by AMD; three lines fitted to the same rows',
			measure: async () => {
				const { points } = fitCollective(publishedAllReduce('out-of-place'), options);
				return calibrationError(
					points.map(({ predictedSeconds }) => predictedSeconds),
					points.map(({ seconds }) => seconds),
				);
			},
		},
		{
			against: 'the same 25 times, each predicted by lines fitted to the other rows',
			measure: async ({ pause }) => {
				const rows = publishedAllReduce('out-of-place');
				const predicted: number[] = [];
				const measured: number[] = [];
				for (const row of rows.filter(({ bytes }) => bytes >= smallestFitted)) {
					const { curve } = fitCollective(
						rows.filter((other) => other !== row),
						options,
					);
					predicted.push(curveSeconds(curve, row.bytes));
					measured.push(row.seconds);
					await pause();
				}
				return calibrationError(predicted, measured);
			},
		},
		{
			against:
				'the five largest of them, each simulated message by message from the bandwidths of the 56 links, published by AMD',
			measure: async ({ pause }) => {
				const topology = meshNode(linkMatrixFromRows(publishedLinkGigabytes), 0.6e-6);
				const rows = publishedAllReduce('out-of-place').filter(({ bytes }) => largest(bytes));
				const predicted: number[] = [];
				for (const { bytes } of rows) {
					const { makespanSeconds } = await simulateMessages(topology, nodeAllReduce('ring', measuredNodeRanks, bytes), pause);
					predicted.push(makespanSeconds);
				}
				return calibrationError(
					predicted,
					rows.map(({ seconds }) => seconds),
				);
			},
		},
	],
};
