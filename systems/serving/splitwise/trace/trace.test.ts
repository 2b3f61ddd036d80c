import { createRandom, InputError, mean, memoryFile, quantileSorted, sortedCopy } from '@assay/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataMissing, dataTrace, pause } from '../test-data.ts';
import { generateTrace } from './generate-trace.ts';
import { embeddedLengths, meanLength } from './length-distribution.ts';
import { type ColumnMapping, readTrace } from './read-trace.ts';
import { accelerate, firstSeconds } from './request-trace.ts';

const read = (content: string | Uint8Array, mapping?: ColumnMapping) => {
	const warnings: string[] = [];
	const trace = readTrace(memoryFile('mine.csv', content), {
		mapping,
		maxRequests: 1000,
		pause,
		warn: (text) => warnings.push(text),
	});
	return trace.then((found) => ({ trace: found, warnings }));
};
const azure = (...rows: string[]): string => `TIMESTAMP,ContextTokens,GeneratedTokens\n${rows.join('\n')}\n`;
const median = (values: ArrayLike<number>): number => quantileSorted(sortedCopy(values), 0.5);

test('dates keep their ten-millionths of a second and count from the first arrival', async () => {
	const { trace, warnings } = await read(azure('2023-11-16 18:17:03.9799600,4808,10', '2023-11-16 18:17:04.0319600,3180,8'));
	expect(trace.arrivalSeconds[0]).toBe(0);
	expect(trace.arrivalSeconds[1]).toBeCloseTo(0.052, 12);
	expect([...trace.promptTokens, ...trace.outputTokens]).toEqual([4808, 3180, 10, 8]);
	expect(warnings).toEqual([]);
});

test('unsorted rows are sorted, with a warning', async () => {
	const { trace, warnings } = await read('request_id,arrival_timestamp,prompt_size,token_size\n7,5,10,1\n8,2,20,3\n');
	expect([...trace.arrivalSeconds]).toEqual([2, 5]);
	expect(trace.identifiers).toEqual(['8', '7']);
	expect(warnings).toEqual(['mine.csv: the rows are not in order of arrival; they were sorted']);
});

test('BurstGPT, Mooncake and mapped columns are understood, whatever their order, quoting and line ends', async () => {
	const burst = await read(
		'Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\r\n5,ChatGPT,472,18,490,"Conversation, log"\r\n',
	);
	expect([burst.trace.arrivalSeconds[0], burst.trace.promptTokens[0], burst.trace.outputTokens[0]]).toEqual([5, 472, 18]);
	const mooncake = await read('output_length,input_length,timestamp\n52,6955,27482\n');
	expect([mooncake.trace.arrivalSeconds[0], mooncake.trace.promptTokens[0]]).toEqual([27.482, 6955]);
	const own = await read('when,in,out\n1500000,3,4\n', {
		arrival: 'when',
		promptTokens: 'in',
		outputTokens: 'out',
		arrivalUnit: 'us',
	});
	expect(own.trace.arrivalSeconds[0]).toBe(1.5);
});

test.each([
	['', /mine\.csv, line 1: found an empty file/],
	['a,b\n1,2\n', /mine\.csv, line 1: found the columns "a, b", expected the columns of a known format/],
	[azure(), /mine\.csv: found no requests/],
	[azure('2023-11-16 18:17:03.98,12,3', '2023-11-16 18:17:04.98,0,3'), /mine\.csv, line 3, column ContextTokens: found "0"/],
	[azure('2023-11-16 18:17:03.98,12,-3'), /line 2, column GeneratedTokens: found "-3", expected a whole number from 1/],
	[azure('2023-11-16 18:17:03.98,12.5,3'), /line 2, column ContextTokens: found "12\.5"/],
	[azure('2023-11-16 18:17:03.98,12'), /line 2, column GeneratedTokens: found ""/],
	[azure('yesterday,12,3'), /line 2, column TIMESTAMP: found "yesterday", expected a time such as/],
	[azure('2023-13-16 18:17:03,12,3'), /column TIMESTAMP: found "2023-13-16 18:17:03"/],
	['timestamp,input_length,output_length\n-1,2,3\n', /line 2, column timestamp: found "-1"/],
	['timestamp,input_length,output_length\n1,2,"3\n', /mine\.csv.*found/],
	[
		`timestamp,input_length,output_length\n${'1,2,3\n'.repeat(1001)}`,
		/line 1002: found one more row, expected at most 1000 rows/,
	],
	[`timestamp,input_length,output_length\n"${'x'.repeat(1_100_000)}",2,3\n`, /a row longer than 1048576 bytes/],
])('what is wrong is named with its place (%#)', async (content, message) => {
	await expect(read(content)).rejects.toThrow(message);
	await expect(read(content)).rejects.toBeInstanceOf(InputError);
});

test('random bytes are a trace or one InputError, never a crash or a hang', async () => {
	const header = fc.constantFrom('', 'timestamp,input_length,output_length\n', 'TIMESTAMP,ContextTokens,GeneratedTokens\n');
	await fc.assert(
		fc.asyncProperty(header, fc.uint8Array({ maxLength: 300 }), fc.string({ maxLength: 60 }), async (start, bytes, text) => {
			const prefix = new TextEncoder().encode(start + text);
			const content = new Uint8Array(prefix.length + bytes.length);
			content.set(prefix);
			content.set(bytes, prefix.length);
			try {
				const { trace } = await read(content);
				expect(trace.promptTokens.length).toBeGreaterThan(0);
				expect(Math.min(...trace.promptTokens, ...trace.outputTokens)).toBeGreaterThanOrEqual(1);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 300 },
	);
});

test('generated traces have the rate, the burstiness and the medians they are asked for', () => {
	const options = { requestsPerSecond: 50, durationSeconds: 400, lengths: embeddedLengths.conversation };
	const poisson = generateTrace({ ...options, burstShape: 1 }, createRandom(1));
	const count = poisson.arrivalSeconds.length;
	expect(Math.abs(count - 20_000)).toBeLessThan(4 * Math.sqrt(20_000));
	expect(Math.abs(median(poisson.promptTokens) / 1020 - 1)).toBeLessThan(0.05);
	expect(Math.abs(median(poisson.outputTokens) / 129 - 1)).toBeLessThan(0.05);
	const variation = (times: Float64Array): number => {
		const gaps = Array.from(times.subarray(1), (time, i) => time - (times[i] as number));
		const centre = mean(gaps);
		return mean(gaps.map((gap) => (gap - centre) ** 2)) / centre ** 2;
	};
	expect(variation(poisson.arrivalSeconds)).toBeCloseTo(1, 1);
	// Squared coefficient of variation of a gamma deviate is 1 / shape.
	expect(
		Math.abs(variation(generateTrace({ ...options, burstShape: 0.25 }, createRandom(1)).arrivalSeconds) / 4 - 1),
	).toBeLessThan(0.15);
});

test('the same requests come at every rate, only closer together', () => {
	const at = (requestsPerSecond: number) =>
		generateTrace({ requestsPerSecond, durationSeconds: 60, burstShape: 1, lengths: embeddedLengths.coding }, createRandom(5));
	const [slow, fast] = [at(10), at(20)];
	for (let i = 0; i < slow.arrivalSeconds.length; i++) {
		expect(fast.promptTokens[i]).toBe(slow.promptTokens[i]);
		expect(fast.arrivalSeconds[i]).toBeCloseTo((slow.arrivalSeconds[i] as number) / 2, 9);
	}
	expect(firstSeconds(accelerate(slow, 2), 10).arrivalSeconds.length).toBe(firstSeconds(slow, 20).arrivalSeconds.length);
});

describe.skipIf(dataMissing !== undefined)(`Azure traces (${dataMissing ?? 'data at hand'})`, () => {
	test.each([
		['AzureLLMInferenceTrace_code.csv', 8819, 1469, 13, 'coding'],
		['AzureLLMInferenceTrace_conv.csv', 19_366, 1020, 129, 'conversation'],
	] as const)('%s', async (file, count, prompt, output, workload) => {
		const trace = await dataTrace(file);
		expect(trace.arrivalSeconds.length).toBe(count);
		expect([median(trace.promptTokens), median(trace.outputTokens)]).toEqual([prompt, output]);
		// The embedded stand-in: the same quantiles, and means within a tenth.
		const { shares, tokens } = embeddedLengths[workload].prompt;
		const sorted = sortedCopy(trace.promptTokens);
		for (const [i, share] of shares.entries()) {
			expect(Math.abs(quantileSorted(sorted, share) - (tokens[i] ?? Number.NaN))).toBeLessThanOrEqual(0.5);
		}
		expect(Math.abs(meanLength(embeddedLengths[workload].prompt) / mean(trace.promptTokens) - 1)).toBeLessThan(0.1);
		expect(Math.abs(meanLength(embeddedLengths[workload].output) / mean(trace.outputTokens) - 1)).toBeLessThan(0.1);
	});
});
