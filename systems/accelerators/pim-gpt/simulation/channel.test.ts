import { createRandom } from '@assay/contract';
import { expect, test } from 'vitest';
import { refreshFactor, steadyStateCycles } from '../hardware/timing.ts';
import { layOutMatrix } from '../mapping/matrix-layout.ts';
import { matrixVector } from '../program/matrix-vector.ts';
import { anyPreset, machine } from '../test-data.ts';
import { ChannelTimeline } from './channel.ts';

function timeOf(inputs: number, outputs: number, preset: 'paper' | 'aim', refresh: boolean): number {
	const hardware = machine(preset, refresh);
	const layout = layOutMatrix({ inputs, outputs }, hardware, { concatenate: true, firstRow: 0 });
	const channel = new ChannelTimeline(hardware, { multipliesOnly: true });
	channel.start(0);
	matrixVector(layout, hardware.memory, 0, channel);
	return channel.close();
}

/** Rows and columns of a bank counted on their own: words of whole columns, one after the other. */
function closedForm(inputs: number, outputs: number, preset: 'paper' | 'aim'): number {
	const perBank = Math.ceil(outputs / 128);
	let words = 0;
	for (let k = 0; k < inputs; k += 1024) words += perBank * 16 * Math.ceil(Math.min(1024, inputs - k) / 16);
	return steadyStateCycles(machine(preset).timing, Math.ceil(words / 1024), words / 16);
}

test.for(anyPreset)('%s: without refresh, 200 random products take what rows and columns say, to 0.1 %%', (preset) => {
	const random = createRandom(`products ${preset}`);
	for (let i = 0; i < 200; i++) {
		const inputs = 16 + random.integer(5000);
		const outputs = 128 + random.integer(20_000);
		const expected = closedForm(inputs, outputs, preset);
		expect(Math.abs(timeOf(inputs, outputs, preset, false) / expected - 1), `${inputs} x ${outputs}`).toBeLessThan(0.001);
	}
});

test.for(anyPreset)(
	'%s: refresh lengthens products of a hundred periods and more by tREFI / (tREFI - tRFC), to 0.5 %%',
	(preset) => {
		const random = createRandom(`refresh ${preset}`);
		const { timing } = machine(preset);
		for (let i = 0; i < 20; i++) {
			const inputs = 1024 + random.integer(3000);
			const outputs = Math.ceil((100 * timing.refi * 16 * 128) / inputs) + random.integer(20_000);
			const factor = timeOf(inputs, outputs, preset, true) / timeOf(inputs, outputs, preset, false);
			expect(Math.abs(factor / refreshFactor(timing) - 1)).toBeLessThan(0.005);
		}
	},
);

test('the worked example: products of GPT-2 small in ns', () => {
	expect(timeOf(768, 2304, 'paper', false)).toBe(1200);
	expect(timeOf(768, 768, 'paper', false)).toBe(408);
	expect(timeOf(768, 3072, 'paper', false)).toBe(1584);
	expect(timeOf(3072, 768, 'paper', false)).toBe(1584);
	expect(timeOf(768, 50257, 'paper', false)).toBe(295 * 24 + 393 * 48);
});

test('AiM: 1,024 rows of 64 multiplies take 226 cycles each without refresh', () => {
	const channel = new ChannelTimeline(machine('aim', false), { multipliesOnly: true });
	channel.start(0);
	for (let row = 0; row < 1024; row++) channel.multiply(row, 0, 64, 0);
	expect(Math.abs(channel.close() / (1024 * 226) - 1)).toBeLessThan(0.01);
});

test('a load of the buffer waits for the multiplies that read it, and is waited for', () => {
	const hardware = machine('paper', false);
	const channel = new ChannelTimeline(hardware);
	channel.start(100);
	channel.loadVector(0, 1024);
	channel.multiply(0, 0, 64, 0);
	channel.readResults(0);
	// 64 loads of 1 ns from 100 on, 64 multiplies, a read one column after the last.
	expect(channel.finish()).toBe(100 + 64 + 63 + 1 + 1);
	channel.loadVector(0, 16);
	expect(channel.finish()).toBe(100 + 64 + 64 + 1 + 1);
});

test('a channel that waits refreshes meanwhile', () => {
	const hardware = machine('paper');
	const channel = new ChannelTimeline(hardware, { multipliesOnly: true });
	channel.start(3 * 6825 + 1000);
	expect(channel.counts.refreshes).toBe(3);
	channel.multiply(0, 0, 1, 0);
	expect(channel.finish()).toBe(3 * 6825 + 1000 + 12);
});
