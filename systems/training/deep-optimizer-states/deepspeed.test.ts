/** DeepSpeed's logs and configurations, read back. */
import { createContext, InputError, memoryFile } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { deepSpeedConfig, readDeepSpeedConfig } from './deepspeed-config.ts';
import { readDeepSpeedLog } from './deepspeed-log.ts';

const { pause } = createContext();
const read = (text: string) => readDeepSpeedLog(memoryFile('train.log', text), pause);
const line = (forward: number, backward: number, update: number): string =>
	`[2024-06-01 10:00:00,000] [INFO] [logging.py:96:log_dist] [Rank 0] time (ms) | fwd: ${forward} | bwd: ${backward} | bwd_inner: 900.1 | bwd_allreduce: 3000.5 | step: ${update}\n`;

describe('logs', () => {
	test('medians without the first two steps; other lines and micro-step timers are passed over', async () => {
		const noise =
			'steps: 3 loss: 11.2 iter time (s): 7.3\n[Rank 0] time (ms) | fwd_microstep: 1.0 | bwd_microstep: 2.0 | step_microstep: 3.0\n';
		const text = `${line(9000, 16300, 9600)}${noise}${line(800, 9600, 5000)}${[205, 209, 212].map((ms) => noise + line(ms, 4400 + ms, 2000 + ms)).join('')}`;
		expect(await read(text)).toEqual({
			steps: 5,
			forwardSeconds: 0.209,
			backwardSeconds: 4.609,
			updateSeconds: 2.209,
			isTruncated: false,
		});
	});

	test('phases spread over several lines, under their older names', async () => {
		const text = 'time (ms) | forward: 100 \ntime (ms) | backward: 200 | optimizer_step: 7 \ntime (ms) | step: 300 \n';
		expect(await read(text)).toMatchObject({ steps: 1, forwardSeconds: 0.1, backwardSeconds: 0.2, updateSeconds: 0.3 });
	});

	test('a log that ends within a step says so and keeps what is whole', async () => {
		const found = await read(`${line(1, 2, 3)}time (ms) | fwd: 100 | bwd: 2`);
		expect(found).toMatchObject({ steps: 1, isTruncated: true });
	});

	test('a log without timings says what is missing', async () => {
		await expect(read('nothing here\n')).rejects.toThrow(/train.log: found no step.*wall_clock_breakdown/);
	});

	test('arbitrary bytes raise nothing but InputError', async () => {
		const piece = fc.oneof(
			fc.string(),
			fc.constant('time (ms) | fwd: 1'),
			fc.constant(' | bwd: 2 | step: 3\n'),
			fc.constant('1e999'),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(piece, { maxLength: 30 }), fc.uint8Array({ maxLength: 50 }), async (parts, bytes) => {
				const text = new TextEncoder().encode(parts.join(''));
				const content = new Uint8Array([...text, ...bytes, ...text]);
				try {
					const found = await readDeepSpeedLog(memoryFile('x.log', content), pause);
					expect(Number.isFinite(found.updateSeconds)).toBe(true);
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			}),
		);
	});
});

describe('configurations', () => {
	const parse = (value: unknown) => readDeepSpeedConfig(memoryFile('ds.json', JSON.stringify(value)));

	test('what is written is read back', async () => {
		const settings = { microBatch: 2, accumulation: 4, ratio: 0.8, subGroupSize: 1e8 };
		expect(await parse(deepSpeedConfig({ ...settings, stride: 2 }))).toEqual(settings);
	});

	test.each([
		[{ zero_optimization: { stage: 2 } }, /stage 2.*expected stage 3/],
		[{}, /nothing.*stage 3/],
		[{ zero_optimization: { stage: 3, offload_optimizer: { device: 'none' } } }, /expected stage 3 with offload_optimizer/],
		[{ zero_optimization: { stage: 3, offload_optimizer: { device: 'cpu', ratio: 1.5 } } }, /ratio/],
	])('%j is refused with its place', async (config, message) => {
		await expect(parse(config)).rejects.toThrow(message);
	});

	test('text that is no JSON', async () => {
		await expect(readDeepSpeedConfig(memoryFile('ds.json', '{"a":'))).rejects.toThrow(/ds.json: found/);
	});
});
