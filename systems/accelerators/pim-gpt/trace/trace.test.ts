import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { standardMemory } from '../hardware/hardware.ts';
import { mapModel } from '../mapping/model-map.ts';
import { describeDecoder } from '../model/decoder.ts';
import { namedModel } from '../model/paper-models.ts';
import { sumCounts } from '../simulation/token.ts';
import { machine } from '../test-data.ts';
import { exportTrace } from './export-trace.ts';
import { parseTrace } from './parse-trace.ts';
import { replayTrace } from './replay-trace.ts';

const pause = async () => undefined;
const hardware = machine('aim', false);
const parse = (text: string) => parseTrace(text, 'x.trace', standardMemory, pause);

async function cyclesOf(text: string): Promise<number> {
	return (await replayTrace(await parse(text), hardware, pause)).cycles;
}

/** The parts of a model's first layer, one trace each, by name. */
function layerParts(model: string, context: number): Map<string, string> {
	const map = mapModel(describeDecoder(namedModel(model)), hardware, { tokens: 1024, concatenate: true });
	const parts = [...exportTrace(map, hardware, context, 'layer')].filter((part) => part.startsWith('#'));
	return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')).replace('# layer 0: ', ''), part]));
}

/** What the open AiM simulator (commit 0f28a07) needs for the traces exported here at a context of 512, run on its own. */
const inTheAimSimulator = {
	gpt2: { 'query-key-value': 3307, projection: 1237, 'feed-forward up': 4293, 'feed-forward down': 4673 },
	'gpt2-xl': { 'query-key-value': 14_128, projection: 5048, 'feed-forward up': 18_462, 'feed-forward down': 19_896 },
	'llama-3.2-1b': {
		'query-key-value': 11_360,
		values: 3118,
		projection: 7696,
		'feed-forward up': 59_316,
		'feed-forward down': 30_778,
	},
};

test.for(Object.entries(inTheAimSimulator))(
	'%s: exported products take as many cycles as in the AiM simulator, to 1 %%',
	async ([model, parts]) => {
		const traces = layerParts(model, 512);
		for (const [part, cycles] of Object.entries(parts)) {
			const ours = await cyclesOf(traces.get(part) ?? '');
			expect(Math.abs(ours / cycles - 1), part).toBeLessThan(0.01);
		}
	},
);

test('the AiM simulator’s own trace of 1,024 rows takes its 231,383 cycles, to 0.1 %', async () => {
	const lines = Array.from({ length: 1024 }, (_, row) => `AiM MAC_ABK 64 0xffffffff ${row}`);
	const cycles = await cyclesOf(['# AiM [opcode] [opsize] [channel_mask] [row_addr]', '', ...lines, 'AiM EOC', ''].join('\n'));
	// It counts until the last row is closed again.
	expect(Math.abs(cycles / 231_383 - 1)).toBeLessThan(0.001);
});

test('a token goes out and comes back with the same multiplies, reads and writes in every channel', async () => {
	const map = mapModel(describeDecoder(namedModel('gpt2')), hardware, { tokens: 1024, concatenate: true });
	const text = [...exportTrace(map, hardware, 300, 'token')].join('');
	const { channels } = await replayTrace(await parse(text), hardware, pause);
	const counts = sumCounts(channels);
	// 124 million weights in the matrices and 2 x 12 x 768 x 300 words of cache, whole columns, at 2,048 words a command.
	const words = 12 * 12 * 768 * 768 + 768 * 50_257 + 2 * 12 * 768 * 300;
	expect(counts.multiplies / (words / 256)).toBeGreaterThan(1);
	expect(counts.multiplies / (words / 256)).toBeLessThan(1.06);
	// A key of 48 transfers a layer; a value is a transfer for each of 48 blocks of components.
	expect(counts.bankWrites).toBe(12 * (48 + 48));
	// Nothing is lost when channels are merged into one line and parted again.
	expect(Math.max(...channels.map((one) => one.counts.multiplies))).toBe(channels[0]?.counts.multiplies);
});

test('every kind of instruction is read, comments and blank lines are not', async () => {
	const text =
		'# x\n\nW MEM 0 2 8\nR MEM 1 0 3\nW GPR 0\nW CFR 0 1\nAiM WR_GB 2 2 15\nAiM ISR_MAC_ABK 2 0xF 9\nAiM WR_BIAS 4 15\nAiM RD_MAC 8 1\r\nAiM WR_SBK 0 1 5 6\nAiM RD_SBK 0 2 5 6\nAiM WR_ABK 4 1 5\nAiM EWADD 4 8 12\nAiM SYNC\nAiM EOC\nthis is not read';
	expect((await parse(text)).map(({ kind }) => kind)).toEqual([
		'write bank',
		'read bank',
		'outside',
		'outside',
		'write buffer',
		'multiply',
		'write results',
		'read results',
		'write bank',
		'read bank',
		'write all banks',
		'outside',
		'wait',
	]);
});

test.for([
	['AiM MAC_AKB 2 15 0', /line 1: found "MAC_AKB".*did you mean MAC_ABK/],
	['AiM EWMUL 2 15 0', /line 1: found EWMUL, expected.*not simulated/],
	['AiM MAC_ABK 65 15 0', /opsize "65", expected an integer from 1 to 64/],
	['AiM MAC_ABK 2 15', /found 2 fields, expected 3 after MAC_ABK: opsize, mask, row/],
	['AiM MAC_ABK 2 0x1ff 0', /mask 0x1ff, expected channels below 8/],
	['AiM MAC_ABK 2 0 0', /mask "0"/],
	['AiM MAC_ABK 2 15 16384', /row "16384"/],
	['AiM MAC_ABK 2 15 -1', /row "-1"/],
	['\nX MEM 0 0 0', /line 2: found "X", expected AiM, R, W/],
	['W DISK 0', /found "DISK", expected MEM, GPR or CFR/],
	['W MEM 8 0 0', /channel "8", expected an integer from 0 to 7/],
	['', /no instruction in 0 lines/],
	['# nothing\nAiM EOC', /no instruction in 2 lines/],
] as const)('%s is refused', async ([text, message]) => {
	await expect(parse(text)).rejects.toThrow(message);
	await expect(parse(text)).rejects.toThrow(InputError);
});

test('any bytes are instructions or one InputError', async () => {
	const word = fc.constantFrom(
		'AiM',
		'R',
		'W',
		'MEM',
		'GPR',
		'MAC_ABK',
		'WR_GB',
		'SYNC',
		'EOC',
		'0',
		'15',
		'0xff',
		'-1',
		'1e9',
		'#',
		'\n',
	);
	const text = fc.oneof(
		fc.string({ unit: 'binary' }),
		fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
	);
	await fc.assert(
		fc.asyncProperty(text, async (input) => {
			try {
				for (const { kind } of await parse(input)) expect(kind).toMatch(/^[a-z ]+$/);
			} catch (error) {
				expect(error).toBeInstanceOf(InputError);
			}
		}),
		{ numRuns: 2000 },
	);
});
