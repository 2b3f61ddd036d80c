/** Against the published simulator's own output, request by request. */

import { quantileSorted, sortedCopy } from '@assay/contract';
import { describe, expect, test } from 'vitest';
import type { PolicyName } from './cluster-scheduler/policies.ts';
import { evaluate } from './evaluate.ts';
import { simulate } from './simulate.ts';
import { e2eSeconds, queueSeconds, ttftSeconds } from './slo.ts';
import { bloomServing, bloomSetup, dataMissing, dataTrace, goldenRows } from './test-data.ts';

type Pools = Parameters<typeof bloomSetup>[0];

describe.skipIf(dataMissing !== undefined)(`golden files (${dataMissing ?? 'data at hand'})`, () => {
	const cases: [string, string, Pools, PolicyName][] = [
		['test_trace', 'baseline_h100_1', [[1, 'dgx-h100', 'any']], 'token-jsq'],
		[
			'test_trace',
			'splitwise_ha_1_1',
			[
				[1, 'dgx-h100', 'prompt'],
				[1, 'dgx-a100', 'token'],
			],
			'mixed-pool',
		],
		['code_g1', 'baseline_h100_10', [[10, 'dgx-h100', 'any']], 'token-jsq'],
		[
			'code_g1',
			'splitwise_hh_8_2',
			[
				[8, 'dgx-h100', 'prompt'],
				[2, 'dgx-h100', 'token'],
			],
			'mixed-pool',
		],
		[
			'code_g1',
			'splitwise_hh_5_1',
			[
				[5, 'dgx-h100', 'prompt'],
				[1, 'dgx-h100', 'token'],
			],
			'mixed-pool',
		],
		['conv_g2', 'baseline_a100_16', [[16, 'dgx-a100', 'any']], 'token-jsq'],
		[
			'conv_g2',
			'splitwise_ha_8_12',
			[
				[8, 'dgx-h100', 'prompt'],
				[12, 'dgx-a100', 'token'],
			],
			'mixed-pool',
		],
	];
	test.each(cases)('%s on %s: every request within 1e-6 s, percentiles within 0.1 %%', async (trace, cluster, pools, policy) => {
		const file = trace === 'test_trace' ? 'golden/test_trace.csv' : `golden/${trace}_trace.csv`;
		const { requests } = await simulate(await dataTrace(file), bloomSetup(pools, policy));
		const golden = await goldenRows(`golden/${trace}__${cluster}.csv`);
		expect(golden.length).toBe(requests.count);
		const figures = { response_times: e2eSeconds, ttft_times: ttftSeconds, queue_times: queueSeconds };
		let close = 0;
		for (const row of golden) {
			const request = row.get('request_ids') ?? -1;
			const worst = Math.max(
				...Object.entries(figures).map(([column, figure]) =>
					Math.abs(figure(requests, request) - (row.get(column) ?? Number.NaN)),
				),
				Math.abs(
					(requests.tokenStart[request] as number) -
						(requests.promptEnd[request] as number) -
						(row.get('nth_token_overheads') ?? 0),
				),
			);
			if (worst < 1e-6) close++;
		}
		expect(close / golden.length).toBeGreaterThanOrEqual(0.995);
		for (const [column, figure] of Object.entries(figures)) {
			const ours = sortedCopy(golden.map((row) => figure(requests, row.get('request_ids') ?? -1)));
			const theirs = sortedCopy(golden.map((row) => row.get(column) ?? Number.NaN));
			for (const q of [0.5, 0.9, 0.99]) {
				const expected = quantileSorted(theirs, q);
				expect(Math.abs(quantileSorted(ours, q) - expected)).toBeLessThanOrEqual(1e-3 * expected + 1e-9);
			}
		}
	});

	test('the three-request trace gives the figures of the specification', async () => {
		const trace = await dataTrace('golden/test_trace.csv');
		const one = await simulate(trace, bloomSetup([[1, 'dgx-h100', 'any']], 'token-jsq'));
		const two = await simulate(
			trace,
			bloomSetup(
				[
					[1, 'dgx-h100', 'prompt'],
					[1, 'dgx-a100', 'token'],
				],
				'mixed-pool',
			),
		);
		const all = [0, 1, 2];
		const near = (found: number[], expected: number[]) => {
			for (const [i, value] of expected.entries()) expect(Math.abs((found[i] ?? Number.NaN) - value)).toBeLessThanOrEqual(1e-6);
		};
		near(
			all.map((i) => e2eSeconds(one.requests, i)),
			[1.744743, 0.499255, 0.781873],
		);
		near(
			all.map((i) => ttftSeconds(one.requests, i)),
			[0.649598, 0.251964, 0.251964],
		);
		near(
			all.map((i) => e2eSeconds(two.requests, i)),
			[2.199226, 0.622873, 1.003019],
		);
		near(
			all.map((i) => (two.requests.tokenStart[i] as number) - (two.requests.promptEnd[i] as number)),
			[0.0765625, 0.03828125, 0.03828125],
		);
	});

	test('six clusters of equal power at 70 conversation requests/s: slowdowns within 1 %, verdicts exact', async () => {
		const trace = await dataTrace('traces/rr_conv_70_2min.csv');
		const serving = bloomServing();
		const table = [
			['dgx-a100', 70, undefined, 0, [1.229, 1.454, 1.682, 1.36, 1.677, 2.215, 1.36, 1.666, 2.146], false],
			['dgx-h100', 40, undefined, 0, [0.6, 0.786, 1.128, 0.931, 1.089, 1.351, 0.922, 1.075, 1.318], true],
			['dgx-a100', 45, 'dgx-a100', 25, [1, 1, 1, 0.962, 0.992, 0.998, 0.974, 1.001, 1.021], true],
			['dgx-h100', 25, 'dgx-h100', 15, [0.462, 0.545, 0.712, 0.718, 0.739, 0.745, 0.714, 0.743, 0.749], true],
			['dgx-h100', 25, 'dgx-a100', 26, [0.462, 0.545, 0.712, 0.962, 0.993, 0.998, 0.954, 0.995, 1.001], true],
			['dgx-h100', 25, 'dgx-h100-pcap', 21, [0.462, 0.545, 0.712, 0.717, 0.739, 0.744, 0.713, 0.742, 0.749], true],
		] as const;
		for (const [promptType, promptMachines, tokenType, tokenMachines, expected, feasible] of table) {
			const policy = tokenType === undefined ? 'token-jsq' : 'mixed-pool';
			const plan = { label: '', promptType, promptMachines, tokenType, tokenMachines, policy } as const;
			const found = await evaluate(serving, plan, trace);
			expect(found.feasible).toBe(feasible);
			for (const [i, value] of expected.entries()) {
				expect(Math.abs((found.objectives[i]?.slowdown ?? Number.NaN) / value - 1)).toBeLessThan(0.01);
			}
		}
	});
});
