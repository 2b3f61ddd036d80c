import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readFio } from './fio.ts';

const job = (rw: string, read: number, write: number, bs = '1M') => ({
	jobname: rw,
	error: 0,
	'job options': { rw, bs },
	read: { io_bytes: read, bw_bytes: read, bw: read / 1024 },
	write: { io_bytes: write, bw_bytes: write, bw: write / 1024 },
});
const output = (...jobs: unknown[]) => JSON.stringify({ 'fio version': 'fio-3.35', 'global options': { bs: '1M' }, jobs });

test('takes the rates of the reading, the writing and the mixed job, and skips what fio prints before its JSON', () => {
	const text = `fio: note\n${output(job('read', 7e9, 0), job('write', 0, 4e9), job('rw', 2e9, 2e9))}`;
	expect(readFio(text, 'drive.json')).toEqual({ readBytesPerSecond: 7e9, writeBytesPerSecond: 4e9, mixedBytesPerSecond: 4e9 });
});

test('older versions give KiB/s', () => {
	const old = { jobname: 'r', 'job options': { rw: 'read' }, read: { bw: 1000 }, write: { bw: 0 } };
	expect(readFio(output(old, job('write', 0, 4e9)), 'drive.json').readBytesPerSecond).toBe(1_024_000);
});

test.each([
	['a random job', output(job('randread', 1e9, 0), job('write', 0, 1e9)), /rw: found "randread" in the job.*did you mean read/],
	['small requests', output(job('read', 1e9, 0, '4k'), job('write', 0, 1e9)), /bs: found "4k".*at least 128k.*did you mean 1M/],
	['no write', output(job('read', 1e9, 0)), /no job that only writes.*fio --output-format=json/],
	['a failed job', output({ ...job('read', 1e9, 0), error: 5 }), /error: found 5, expected 0/],
	['no jobs', JSON.stringify({ jobs: [] }), /jobs.*at least 1/],
	['no JSON', 'READ: bw=7000MiB/s', /expected fio's output/],
])('%s is one error that says what is wrong', (_, text, message) => {
	expect(() => readFio(text, 'drive.json')).toThrow(message);
});

test('any bytes give rates or an InputError', () => {
	const value = fc.jsonValue({ maxDepth: 4 });
	const near = fc.record({
		jobs: fc.array(fc.record({ jobname: fc.string(), 'job options': value, read: value, write: value }, { requiredKeys: [] })),
	});
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string(),
				value.map((one) => JSON.stringify(one)),
				near.map((one) => JSON.stringify(one)),
			),
			(text) => {
				try {
					readFio(text, 'x');
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			},
		),
		{ numRuns: 500 },
	);
});
