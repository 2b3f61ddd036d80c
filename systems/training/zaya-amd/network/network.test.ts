import { createRandom, InputError } from '@assay/contract';
import { busFactor } from '@assay/machines';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataFile, dataMissing, pause } from '../test-data.ts';
import { inconsistentRows, readCollectiveLog } from './collective-log.ts';
import { NODE_ALGORITHMS, nodeAllReduce, railsAllReduce } from './collective-schedule.ts';
import { Messages, simulateMessages } from './flow-simulator.ts';
import { linkDisjointRings } from './hamiltonian-rings.ts';
import { linkMatrixFromRows, linkSummary, readLinkMatrix, subMatrix } from './link-matrix.ts';
import { curveSeconds, findOutliers, fitCollective } from './protocol-fit.ts';
import { publishedAllReduce, publishedLinkGigabytes, twoNodePassMarks } from './published-measurements.ts';
import { meshNode, railCluster, switchedNode } from './topology.ts';

if (dataMissing !== undefined) console.log(`skipped: logs as files (${dataMissing})`);

const matrix = linkMatrixFromRows(publishedLinkGigabytes);
const options = { collective: 'all-reduce', ranks: 8, lines: 3 } as const;

describe('the published all-reduce of eight MI300X', () => {
	const fit = fitCollective(publishedAllReduce('out-of-place'), { ...options, random: createRandom(1) });

	test('three lines: mean error at most 1.5 %, worst at most 16 %, at 512 KiB; small messages are a table', () => {
		expect(fit.points).toHaveLength(25);
		expect(fit.meanError).toBeLessThanOrEqual(0.015);
		expect(fit.worstError).toBeLessThanOrEqual(0.16);
		expect(fit.worstBytes).toBe(512 * 1024);
		expect(fit.curve.smallMessages.map(({ bytes }) => bytes)).toEqual([8, 16, 32, 64, 128, 256, 512]);
		expect(curveSeconds(fit.curve, 128)).toBeCloseTo(22.94e-6, 9);
		// Found independently by another fit of the same rows.
		const published = [
			[13.09, 119.8],
			[19.18, 227.0],
			[59.73, 318.1],
		];
		for (const [i, { latencySeconds, busBytesPerSecond }] of fit.curve.lines.entries()) {
			expect((latencySeconds * 1e6) / (published[i]?.[0] ?? 0)).toBeCloseTo(1, 1);
			expect(busBytesPerSecond / 1e9 / (published[i]?.[1] ?? 0)).toBeCloseTo(1, 1);
		}
	});

	test('two lines fit worse', () => {
		const two = fitCollective(publishedAllReduce('out-of-place'), { ...options, lines: 2 });
		expect(two.meanError).toBeGreaterThan(2 * fit.meanError);
	});

	test('the intervals hold the fit', () => {
		for (const [
			i,
			{
				busBytesPerSecond: [low, high],
			},
		] of fit.intervals.entries()) {
			const bus = fit.curve.lines[i]?.busBytesPerSecond ?? 0;
			expect(low).toBeLessThanOrEqual(bus * 1.01);
			expect(high).toBeGreaterThanOrEqual(bus * 0.99);
		}
	});

	test('the stray 4 MiB in place is flagged and does not move the fit; nothing out of place is', () => {
		expect(findOutliers(publishedAllReduce('in-place'))).toEqual([{ bytes: 4 << 20, seconds: 129e-6, placement: 'in-place' }]);
		expect(findOutliers(publishedAllReduce('out-of-place'))).toEqual([]);
		expect(fitCollective(publishedAllReduce('in-place'), options).meanError).toBeLessThan(0.015);
	});
});

test('lines that made the times are found again, with noise', () => {
	const random = createRandom(7);
	const truth = [
		{ latencySeconds: 8e-6, busBytesPerSecond: 40e9 },
		{ latencySeconds: 60e-6, busBytesPerSecond: 400e9 },
	];
	const measurements = Array.from({ length: 30 }, (_, i) => {
		const bytes = Math.round(1024 * 1.7 ** i);
		const busBytes = busFactor('all-gather', 16) * bytes;
		const seconds = Math.min(...truth.map((line) => line.latencySeconds + busBytes / line.busBytesPerSecond));
		return { bytes, seconds: seconds * (1 + 0.01 * random.normal()), placement: 'out-of-place' as const };
	});
	const { curve } = fitCollective(measurements, { collective: 'all-gather', ranks: 16, lines: 2 });
	for (const [i, line] of truth.entries()) {
		expect((curve.lines[i]?.latencySeconds ?? 0) / line.latencySeconds).toBeCloseTo(1, 1);
		expect((curve.lines[i]?.busBytesPerSecond ?? 0) / line.busBytesPerSecond).toBeCloseTo(1, 1);
	}
	expect(() => fitCollective(measurements.slice(0, 3), { ...options, lines: 2 })).toThrow(/3 sizes are too few/);
});

/** Prints rows as rccl-tests does. */
function logText(rows: ReturnType<typeof publishedAllReduce>, ranks: number, between: (i: number) => string = () => ''): string {
	const inPlace = publishedAllReduce('in-place');
	const bus = (bytes: number, seconds: number) => (busFactor('all-reduce', ranks) * bytes) / seconds / 1e9;
	return [
		'# nThread 1 nGpus 1 minBytes 8 maxBytes 17179869184 step: 2(factor) warmup iters: 5 iters: 20 agg iters: 1 validate: 1 graph: 0',
		...Array.from(
			{ length: ranks },
			(_, rank) => `#  Rank  ${rank} Group  0 Pid ${100 + rank} on node device ${rank} [0x0c] AMD Instinct MI300X`,
		),
		'# Collective test starting: all_reduce_perf',
		'#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong',
		'#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)',
		...rows.map(({ bytes, seconds }, i) => {
			const other = inPlace[i]?.seconds ?? 1;
			const group = (time: number) =>
				`${digits(time * 1e6)} ${(bytes / time / 1e9).toFixed(2)} ${bus(bytes, time).toFixed(2)} ${i === 3 ? 2 : 0}`;
			return `${between(i)} ${bytes}  ${bytes / 4}  float  sum  -1 ${group(seconds)} ${group(other)}`;
		}),
		'# Out of bounds values : 2 FAILED',
		'# Avg bus bandwidth    : 123.4',
	].join('\n');
}
const digits = (us: number): string => (us >= 1e4 ? us.toFixed(0) : us >= 1000 ? us.toFixed(1) : us.toFixed(2));

describe('logs', () => {
	test('rows, ranks, test and wrong values are read; printed bus bandwidths agree', () => {
		const log = readCollectiveLog(logText(publishedAllReduce('out-of-place'), 8), 'a.log');
		expect(log).toMatchObject({ collective: 'all-reduce', ranks: 8, ignoredLines: 0, wrongValues: 4 });
		expect(log.rows).toHaveLength(64);
		expect(inconsistentRows(log.rows, 'all-reduce', 8)).toEqual([]);
		expect(inconsistentRows(log.rows, 'all-reduce', 4).length).toBeGreaterThan(20);
	});

	test('warnings in between, prefixes of launchers and lines cut in two are passed over', () => {
		const noisy = logText(publishedAllReduce('out-of-place'), 8, (i) =>
			i % 3 === 0 ? 'node7: NCCL WARN net plugin not found, 12 45 float\n8 2 float su\n' : '[1,0]<stdout>:',
		);
		const log = readCollectiveLog(noisy, 'a.log');
		expect(log.rows).toHaveLength(64);
		expect(log.ignoredLines).toBeGreaterThan(10);
		expect(log.rows.filter(({ placement }) => placement === 'out-of-place').map(({ seconds }) => seconds)).toEqual(
			publishedAllReduce('out-of-place').map(({ seconds }) => Number(digits(seconds * 1e6)) / 1e6),
		);
	});

	test('a log without in-place columns and with N/A', () => {
		const log = readCollectiveLog(
			'1024 256 float none -1 20.5 0.05 0.04 N/A\n2048 512 float 21.0 0.10 0.09 0 N/A N/A N/A N/A',
			'a.log',
		);
		expect(log.rows.map(({ bytes, wrongValues }) => [bytes, wrongValues])).toEqual([
			[1024, null],
			[2048, 0],
		]);
	});

	test('no text makes a parser hang or crash', () => {
		const tokens = fc.array(
			fc.constantFrom(
				'1024',
				'256',
				'float',
				'sum',
				'-1',
				'12.5',
				'0.1',
				'N/A',
				'#',
				'size',
				'\n',
				',',
				'GPU 00',
				'SRC\\DST',
				'bytes',
				'us',
			),
			{ maxLength: 60 },
		);
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string({ maxLength: 400 }),
					tokens.map((list) => list.join(' ')),
					tokens.map((list) => list.join(',')),
				),
				(text) => {
					for (const read of [readCollectiveLog, readLinkMatrix]) {
						try {
							read(text, 'x');
						} catch (error) {
							expect(error).toBeInstanceOf(InputError);
						}
					}
				},
			),
			{ numRuns: 1500 },
		);
	});

	test.skipIf(dataMissing !== undefined)('the published CSV: every bus bandwidth follows from size and time', async () => {
		const log = readCollectiveLog(await (await dataFile('rccl_allreduce_8x_mi300x.csv')).text(), 'a.csv');
		expect(log.rows).toHaveLength(64);
		expect(inconsistentRows(log.rows, 'all-reduce', 8)).toEqual([]);
		const outOfPlace = log.rows
			.filter(({ placement }) => placement === 'out-of-place')
			.map(({ bytes, seconds }) => [bytes, seconds]);
		for (const [i, { bytes, seconds }] of publishedAllReduce('out-of-place').entries()) {
			expect(outOfPlace[i]?.[0]).toBe(bytes);
			expect(outOfPlace[i]?.[1]).toBeCloseTo(seconds, 12);
		}
	});

	test.skipIf(dataMissing !== undefined)('the published matrix, and the same as TransferBench prints it', async () => {
		const read = readLinkMatrix(await (await dataFile('xgmi_pairwise_8x_mi300x.csv')).text(), 'm.csv');
		expect(read.bytesPerSecond).toEqual(matrix.bytesPerSecond);
	});

	test('a TransferBench table with totals around it', () => {
		const names = matrix.names.map((_, i) => `GPU 0${i}`);
		const text = `TransferBench v1.50
Summary: [67108864 bytes per Transfer]
==========================================================
SRC\\DST  ${names.join('  ')}   STotal  Actual
${publishedLinkGigabytes.map((row, i) => `GPU 0${i}  ${row.map((value) => value ?? 'N/A').join('   ')}   326.3  315.1`).join('\n')}

RTotal   326.0 326.0
`;
		expect(readLinkMatrix(text, 'm.txt').bytesPerSecond).toEqual(matrix.bytesPerSecond);
		expect(() => readLinkMatrix(text.replace('47.056', 'oops'), 'm.txt')).toThrow(/m.txt, line 5, GPU 1: found "oops"/);
	});

	test('slow links are found', () => {
		expect(linkSummary(matrix)).toMatchObject({ slowestBytesPerSecond: 45.095e9, slowLinks: [] });
		const worn = { ...matrix, bytesPerSecond: matrix.bytesPerSecond.map((row) => row.slice()) };
		(worn.bytesPerSecond[2] as Float64Array)[5] = 20e9;
		expect(linkSummary(worn).slowLinks).toEqual([{ from: 2, to: 5 }]);
	});
});

describe('rings', () => {
	test.each([2, 3, 5, 7, 8, 9, 10, 12])('%s GPUs have n-1 rings without a common link', (gpus) => {
		const rings = linkDisjointRings(gpus);
		expect(rings).toHaveLength(gpus - 1);
		const links = rings.flatMap((ring) => ring.map((from, i) => `${from}-${ring[(i + 1) % gpus]}`));
		expect(new Set(links).size).toBe(gpus * (gpus - 1));
		for (const ring of rings) expect(new Set(ring).size).toBe(gpus);
	});

	test('four and six have no such set, and get as many as there are', () => {
		expect(linkDisjointRings(4)).toHaveLength(2);
		expect(linkDisjointRings(6)).toHaveLength(4);
	});
});

describe('the topology simulator', () => {
	const busOf = async (gpus: number, algorithm: (typeof NODE_ALGORITHMS)[number], bytes = 2 ** 30) => {
		const { makespanSeconds } = await simulateMessages(
			meshNode(subMatrix(matrix, gpus), 0.6e-6),
			nodeAllReduce(algorithm, gpus, bytes),
			pause,
		);
		return (busFactor('all-reduce', gpus) * bytes) / makespanSeconds;
	};

	test('a ring all-reduce of 1 GiB on the measured mesh is seven times its slowest link, within 2 %', async () => {
		expect((await busOf(8, 'ring')) / (7 * 45.095e9)).toBeCloseTo(1, 1);
		expect(Math.abs((await busOf(8, 'ring')) / (7 * 45.095e9) - 1)).toBeLessThan(0.02);
	});

	test('a group gets the links among its own: (n-1) times the slowest, and a switch gives the same to all', async () => {
		for (const gpus of [2, 4, 6, 8]) {
			const slowest = linkSummary(subMatrix(matrix, gpus)).slowestBytesPerSecond;
			expect((await busOf(gpus, 'exchange')) / ((gpus - 1) * slowest)).toBeCloseTo(1, 2);
			const { makespanSeconds } = await simulateMessages(
				switchedNode(gpus, 400e9, 1e-6),
				nodeAllReduce('ring', gpus, 2 ** 30),
				pause,
			);
			expect((busFactor('all-reduce', gpus) * 2 ** 30) / makespanSeconds / 400e9).toBeCloseTo(1, 1);
		}
	});

	test('two nodes on rails with overlapping chunks are within 10 % of the pass marks; in sequence they are far below', async () => {
		const rails = railCluster({
			nodes: 2,
			matrix,
			latencySeconds: 0.6e-6,
			networkBytesPerSecond: 48e9,
			networkLatencySeconds: 2.7e-6,
		});
		for (const { bytes, busBytesPerSecond } of twoNodePassMarks.filter(({ collective }) => collective === 'all-reduce')) {
			const run = await simulateMessages(rails, railsAllReduce(2, 8, bytes, 16), pause);
			const bus = (busFactor('all-reduce', 16) * bytes) / run.makespanSeconds;
			expect(Math.abs(bus / busBytesPerSecond - 1)).toBeLessThan(0.1);
			const sequence = await simulateMessages(rails, railsAllReduce(2, 8, bytes, 1), pause);
			expect((busFactor('all-reduce', 16) * bytes) / sequence.makespanSeconds / 1e9).toBeCloseTo(231, -1);
		}
	});

	test('a message to another rail crosses its node first', () => {
		const rails = railCluster({
			nodes: 2,
			matrix,
			latencySeconds: 1e-6,
			networkBytesPerSecond: 48e9,
			networkLatencySeconds: 3e-6,
		});
		const names = (from: number, to: number) => rails.path(from, to).map((link) => rails.links[link]?.name);
		expect(names(0, 8)).toEqual(['GPU 0 network out', 'GPU 8 network in']);
		expect(names(0, 11)).toEqual(['node 0: 0 to 3', 'GPU 3 network out', 'GPU 11 network in']);
		expect(names(9, 10)).toEqual(['node 1: 1 to 2']);
	});

	test('messages that share a link share it evenly, and what one cannot use the others get', async () => {
		const topology = {
			gpus: 4,
			links: [10, 100, 3].map((bytesPerSecond, i) => ({ name: String(i), bytesPerSecond, latencySeconds: 0 })),
			path: (from: number, to: number) => (from === 0 ? (to === 1 ? [0] : [0, 2]) : [1]),
		};
		const messages = new Messages();
		messages.add(0, 1, 70, []);
		messages.add(0, 2, 30, []);
		messages.add(1, 2, 100, []);
		const { endSeconds, linkBytes } = await simulateMessages(topology, messages, pause);
		// The second is held to 3 by its second link; the first has the other 7.
		expect([...endSeconds]).toEqual([10, 10, 1]);
		expect([...linkBytes]).toEqual([100, 100, 30]);
	});

	test('more bandwidth on all links is never slower; twice the bandwidth and half the latency is twice as fast', async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.constantFrom(...NODE_ALGORITHMS),
				fc.integer({ min: 2, max: 8 }),
				fc.integer({ min: 1, max: 1e8 }),
				fc.double({ min: 1, max: 5, noNaN: true }),
				async (algorithm, gpus, bytes, by) => {
					const seconds = async (factor: number, latency: number) => {
						const scaled = subMatrix(
							{ ...matrix, bytesPerSecond: matrix.bytesPerSecond.map((row) => row.map((value) => value * factor)) },
							gpus,
						);
						return (await simulateMessages(meshNode(scaled, latency), nodeAllReduce(algorithm, gpus, bytes), pause))
							.makespanSeconds;
					};
					const base = await seconds(1, 1e-6);
					expect(await seconds(by, 1e-6)).toBeLessThanOrEqual(base * (1 + 1e-9));
					expect((await seconds(2, 0.5e-6)) / base).toBeCloseTo(0.5, 9);
				},
			),
			{ numRuns: 40 },
		);
	});

	test('a circle of messages is an error', async () => {
		const messages = new Messages();
		messages.add(0, 1, 1, [1]);
		messages.add(1, 0, 1, [0]);
		await expect(simulateMessages(meshNode(matrix, 0), messages, pause)).rejects.toThrow(/in a circle/);
	});
});
