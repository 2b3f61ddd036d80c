import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Spans } from '@assay/events';
import { test } from 'vitest';
import { paperMachine } from './claims/paper-tokens.ts';
import { paperAsic } from './hardware/asic.ts';
import { describeHardware, standardMemory } from './hardware/hardware.ts';
import { timingPresets } from './hardware/timing.ts';
import { mapModel } from './mapping/model-map.ts';
import { describeDecoder } from './model/decoder.ts';
import { namedModel } from './model/paper-models.ts';
import { sumCounts, TokenSimulation } from './simulation/token.ts';

const hardware = paperMachine();
const map = (model: string) => mapModel(describeDecoder(namedModel(model)), hardware, { tokens: 1024, concatenate: true });

test('one token of GPT-2 XL at a context of 1,024 (promised: less than 300 ms)', async ({ bench }) => {
	const model = map('gpt2-xl');
	const ours = bench('channels that are alike simulated once', () => {
		new TokenSimulation(model, hardware).token(1024);
	});
	const rival = bench('rival: every channel on its own, bursts recorded', () => {
		const spans = new Spans();
		new TokenSimulation(model, hardware, () => ({ spans })).token(1024);
	});
	await bench.compare(ours, rival);
});

test('tokens 1 to 1,024 of GPT-2 XL in a process of their own (promised: 5 s, 300 ms a token, 500 MB), processor time', () => {
	const script = fileURLToPath(new URL('testing/time-sweep.ts', import.meta.url));
	console.info(execFileSync(process.execPath, [script, 'gpt2-xl'], { encoding: 'utf8' }).trim());
});

test('commands and DRAM cycles simulated a second, tokens of GPT-2 XL on AiM with 32 channels, all channels in turn', () => {
	const wide = describeHardware({ ...standardMemory, channels: 32 }, timingPresets.aim, paperAsic, {
		pins: 16,
		gigabitsPerSecondPerPin: 16,
	});
	const layout = mapModel(describeDecoder(namedModel('gpt2-xl')), wide, { tokens: 1024, concatenate: true });
	// Spans keep channels that are alike from being simulated once.
	const simulation = new TokenSimulation(layout, wide, () => ({ spans: new Spans() }));
	simulation.token(511);
	const before = { commands: commandsOf(simulation), cycles: simulation.cycle, processor: process.cpuUsage() };
	simulation.token(512);
	const { user, system } = process.cpuUsage(before.processor);
	const seconds = (user + system) / 1e6;
	const rate = (count: number): string => `${(count / seconds / 1e6).toPrecision(3)} million`;
	console.info(
		`${rate(commandsOf(simulation) - before.commands)} commands and ${rate(simulation.cycle - before.cycles)} DRAM cycles a second of one core`,
	);
	console.info(
		`the AiM simulator (Ramulator 2, commit 0f28a07, -O3): 0.33 million commands and 0.067 million cycles a second, for the trace that assay run pim-gpt --model.name gpt2-xl --timing.preset aim --hardware.channels 32 --exportTrace token writes`,
	);
});

/** Commands of all channels so far. */
function commandsOf({ channels }: TokenSimulation): number {
	const { multiplies, multiplyOpenings, bufferWrites, registerReads, bankWrites, bankReads, refreshes, modeChanges } =
		sumCounts(channels);
	// A row is opened and closed.
	return 2 * multiplyOpenings + multiplies + bufferWrites + registerReads + bankWrites + bankReads + refreshes + modeChanges;
}

test('the products of a token of GPT-2 small on this computer, one thread, plain float32 loops', () => {
	const { layers, hidden, vocabulary } = describeDecoder(namedModel('gpt2'));
	const rows = 12 * hidden * layers + vocabulary;
	const weights = new Float32Array(rows * hidden).fill(0.01);
	const vector = new Float32Array(hidden).fill(0.5);
	const result = new Float32Array(rows);
	let fastest = Number.POSITIVE_INFINITY;
	for (let repetition = 0; repetition < 5; repetition++) {
		const start = performance.now();
		for (let row = 0; row < rows; row++) {
			let [a, b, c, d] = [0, 0, 0, 0];
			for (let i = row * hidden, k = 0; k < hidden; i += 4, k += 4) {
				a += (weights[i] as number) * (vector[k] as number);
				b += (weights[i + 1] as number) * (vector[k + 1] as number);
				c += (weights[i + 2] as number) * (vector[k + 2] as number);
				d += (weights[i + 3] as number) * (vector[k + 3] as number);
			}
			result[row] = a + b + c + d;
		}
		fastest = Math.min(fastest, performance.now() - start);
	}
	const simulation = new TokenSimulation(map('gpt2'), hardware);
	simulation.token(1);
	const ours = simulation.cycle * hardware.timing.cycleNanoseconds * 1e-6;
	console.info(
		`this computer ${fastest.toFixed(1)} ms (measured), PIM-GPT ${ours.toFixed(4)} ms (simulated): ${(fastest / ours).toFixed(0)} times`,
	);
});
