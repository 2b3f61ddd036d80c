import { createRandom, InputError } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BandwidthMatrix, linkStatistics } from './bandwidth-matrix.ts';
import { evenMatrix, generateMatrix, PUBLISHED_SPREAD } from './generate-matrix.ts';
import { profilingRounds } from './profiling-rounds.ts';
import { parseBandwidths } from './read-bandwidths.ts';
import { groupSecondsPerByte, nodeSecondsPerByte } from './unit-links.ts';

const hosts = ['node01', 'node02', 'node03', 'node04'];
/** Symmetric, for nccl-tests measures both directions at once; two decimals, as it prints them. */
const gigabytes = [
	[231.4, 18.76, 19.02, 18.11],
	[18.76, 229.8, 17.95, 18.4],
	[19.02, 17.95, 230.1, 19.33],
	[18.11, 18.4, 19.33, 228.7],
];

/** A log as `sendrecv_perf` writes it, for all pairs and each host alone. */
function ncclLog(values: readonly (readonly number[])[] = gigabytes): string {
	const run = (names: string[], bandwidth: number | string): string =>
		[
			'# nThread 1 nGpus 1 minBytes 31457280 maxBytes 31457280 step: 1048576(bytes) warmup iters: 5 iters: 20 agg iters: 1 validation: 1 graph: 0',
			'#',
			'# Using devices',
			...names.map(
				(name, rank) => `#  Rank  ${rank} Group  0 Pid  ${4000 + rank} on     ${name} device  0 [0x07] NVIDIA A100-SXM4-80GB`,
			),
			'#',
			'#                                                              out-of-place                       in-place          ',
			'#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong',
			'#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)       ',
			`     1048576        262144     float     sum      -1    99.10   10.58   10.58      0    98.90   10.60   10.60    N/A`,
			`    31457280       7864320     float     sum      -1   1676.8   ${bandwidth}   ${bandwidth}      0   1675.9   18.77   18.77    N/A`,
			'# Out of bounds values : 0 OK',
			'# Avg bus bandwidth    : 14.68',
			'#',
		].join('\n');
	const parts: string[] = [];
	for (const [i, a] of hosts.entries()) {
		for (const [j, b] of hosts.entries()) {
			if (i < j) parts.push(run([a, b], values[i]?.[j] ?? 'nan'));
		}
		parts.push(
			run(
				Array.from({ length: 8 }, () => a),
				values[i]?.[i] ?? 'nan',
			),
		);
	}
	return parts.join('\n');
}

/** mpiGraph's output: tables of 2^20 bytes per second, the diagonal zero. */
function mpiGraphText(values: readonly (readonly number[])[] = gigabytes): string {
	const table = (name: string, word: string): string[] => [
		`${name}\t${hosts.map((host, i) => `${host}:${i}`).join('\t')}\t`,
		...hosts.map(
			(host, i) =>
				`${host}:${i} ${word}\t${values[i]?.map((value, j) => (i === j ? '0.000' : String((value * 1e9) / 2 ** 20))).join('\t')}\t`,
		),
	];
	return [
		'START mpiGraph v1.5',
		'MsgSize\t100663296',
		'Times\t10',
		'Window\t10',
		'Procs\t4',
		'',
		'Send max\t18434.1',
		'Send avg\t17890.2',
		'',
		...table('Send', 'to'),
		'',
		...table('Recv', 'from'),
		'',
	].join('\n');
}

const jsonText = (values: readonly (readonly (number | null)[])[] = gigabytes): string =>
	JSON.stringify({ gpus: hosts, bandwidth: values });
const csvText = (values: readonly (readonly (number | string)[])[] = gigabytes): string =>
	['', ...hosts].join(',') + hosts.map((host, i) => `\n${host},${values[i]?.join(',')}`).join('');

const between = ({ bytesPerSecond }: BandwidthMatrix): number[] =>
	[...bytesPerSecond].filter((_, k) => k % (hosts.length + 1) !== 0).map((value) => Number((value / 1e9).toPrecision(12)));

describe('four formats', () => {
	test('nccl-tests, mpiGraph, JSON and CSV give the same matrix', () => {
		const json = parseBandwidths(jsonText(), 'links.json');
		for (const text of [ncclLog(), mpiGraphText(), csvText()]) {
			const matrix = parseBandwidths(text, 'links');
			expect(matrix.hosts).toEqual(hosts);
			expect(between(matrix)).toEqual(between(json));
		}
		// The diagonal is measured by all but mpiGraph.
		expect(parseBandwidths(ncclLog(), 'log').bytesPerSecond[0]).toBeCloseTo(231.4e9, 0);
		expect(parseBandwidths(mpiGraphText(), 'log').bytesPerSecond[0]).toBeNaN();
	});

	test('mpiGraph: the send table counts, and the receive table where there is no other', () => {
		const uneven = gigabytes.map((row, i) => row.map((value, j) => (i < j ? value * 0.9 : value)));
		const send = parseBandwidths(mpiGraphText(uneven), 'graph');
		expect(send.bytesPerSecond[1]).toBeCloseTo(18.76e9 * 0.9, 0);
		const receiveOnly = mpiGraphText(uneven).replace(/\nSend\t[\s\S]*?\n\n/, '\n');
		expect(parseBandwidths(receiveOnly, 'graph').bytesPerSecond[1]).toBeCloseTo(18.76e9, 0);
	});
});

describe('what is wrong is named by its pair of hosts, never filled in', () => {
	const changed = (i: number, j: number, value: number | null | string) =>
		gigabytes.map((row, a) => row.map((old, b) => (a === i && b === j ? value : old)));
	const message = (text: string): string => {
		try {
			parseBandwidths(text, 'links');
		} catch (error) {
			if (error instanceof InputError) return error.message;
			throw error;
		}
		throw new Error('it was accepted');
	};

	test('a pair that was not measured', () => {
		expect(message(jsonText(changed(2, 1, null) as (number | null)[][]))).toContain('node03 to node02');
		expect(message(csvText(changed(0, 3, '') as string[][]))).toContain('node01 to node04');
		const withoutPair = ncclLog().replace(
			/# nThread(?:(?!# nThread)[\s\S])*?node02 device(?:(?!# nThread)[\s\S])*?node03 device(?:(?!# nThread)[\s\S])*/,
			'',
		);
		expect(message(withoutPair)).toContain('node02 to node03');
	});

	test('NaN, zero, negative', () => {
		expect(message(csvText(changed(1, 0, 'nan') as string[][]))).toContain('node02 to node01');
		expect(message(jsonText(changed(1, 2, 0) as number[][]))).toContain('no positive bandwidth for node02 to node03');
		expect(message(jsonText(changed(3, 2, -4) as number[][]))).toContain('node04 to node03');
	});

	test('directions that differ by more than half', () => {
		expect(message(jsonText(changed(0, 2, 9) as number[][]))).toContain('node01 and node03');
		expect(() => parseBandwidths(jsonText(changed(0, 2, 10) as number[][]), 'links')).not.toThrow();
	});

	test('not square, hosts twice, a run over three hosts, no log at all', () => {
		expect(message(JSON.stringify({ gpus: hosts, bandwidth: gigabytes.slice(1) }))).toContain('3 rows for 4 hosts');
		expect(message(JSON.stringify({ gpus: hosts, bandwidth: gigabytes.map((row) => row.slice(1)) }))).toContain('node01');
		expect(message(jsonText().replaceAll('node02', 'node01'))).toContain('node01 twice');
		const three = ncclLog().replace('on     node02', 'on     node02 device  0 [0x07] X\n#  Rank  9 Group  0 Pid 1 on node03');
		expect(message(three)).toContain('3 hosts');
		expect(message('# nThread 1\nnothing')).toContain('no result');
		expect(message('')).toContain('0 hosts');
		expect(message('{"gpus": [')).toContain('JSON');
		expect(message(mpiGraphText().replace('node03:2 to', 'node09:2 to'))).toContain('node03 with 4 figures');
	});

	test('any bytes end in a matrix or an InputError', () => {
		const seeds = [ncclLog(), mpiGraphText(), jsonText(), csvText()];
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string({ maxLength: 300, unit: 'binary' }),
					fc
						.record({
							seed: fc.constantFrom(...seeds),
							cut: fc.nat({ max: 4000 }),
							length: fc.nat({ max: 40 }),
							insert: fc.string({ maxLength: 12 }),
						})
						.map(({ seed, cut, length, insert }) => seed.slice(0, cut) + insert + seed.slice(cut + length)),
				),
				(text) => {
					try {
						const { hosts: names, bytesPerSecond } = parseBandwidths(text, 'fuzz');
						expect(bytesPerSecond).toHaveLength(names.length ** 2);
					} catch (error) {
						expect(error).toBeInstanceOf(InputError);
					}
				},
			),
			{ numRuns: 400 },
		);
	});
});

test('generated links have the statistics of the published measurements', () => {
	const names = Array.from({ length: 128 }, (_, host) => `h${host}`);
	const even = generateMatrix(names, 18.76e9, { ...PUBLISHED_SPREAD, slowHosts: 0 }, createRandom(5));
	const statistics = linkStatistics(even);
	// Published: mean 18.76 GB/s, standard deviation 0.545, 4.0 % between directions.
	expect(statistics.mean / 18.76e9).toBeCloseTo(1, 2);
	expect(statistics.asymmetry).toBeGreaterThan(0.03);
	expect(statistics.asymmetry).toBeLessThan(0.045);
	expect(statistics.standardDeviation / statistics.mean).toBeGreaterThan(0.025);
	expect(statistics.standardDeviation / statistics.mean).toBeLessThan(0.045);
	const same = generateMatrix(names, 18.76e9, { ...PUBLISHED_SPREAD, slowHosts: 0 }, createRandom(5));
	expect(same.bytesPerSecond).toEqual(even.bytesPerSecond);
	const slow = generateMatrix(names, 18.76e9, { ...PUBLISHED_SPREAD, slowHosts: 1 }, createRandom(5));
	expect(linkStatistics(slow).mean / statistics.mean).toBeCloseTo(0.9, 2);
});

test.for([2, 3, 4, 8, 12, 16, 33])('%i hosts: every pair once, every host once a round', (count) => {
	const rounds = profilingRounds(count);
	expect(rounds).toHaveLength(count % 2 === 0 ? count - 1 : count);
	const pairs = new Set<string>();
	for (const round of rounds) {
		const busy = round.flat();
		expect(new Set(busy).size).toBe(busy.length);
		for (const [a, b] of round) pairs.add(`${Math.min(a, b)} ${Math.max(a, b)}`);
	}
	expect(pairs.size).toBe((count * (count - 1)) / 2);
});

test('a group of devices waits for its slowest pair; a node’s port is shared', () => {
	const matrix = evenMatrix(['a:0', 'a:1', 'b:0', 'b:1'], 10e9);
	matrix.bytesPerSecond[1 * 4 + 3] = 4e9;
	const groups = groupSecondsPerByte(matrix, 2);
	expect([...groups]).toEqual([0, 1 / 4e9, 1 / 10e9, 0]);
	expect(nodeSecondsPerByte(evenMatrix(['a', 'b'], 25e9), 1 / 8)[1]).toBeCloseTo(8 / 25e9, 20);
});
