import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Spans } from '@assay/events';
import { test } from 'vitest';
import { paperMachine } from './claims/paper-tokens.ts';
import { mapModel } from './mapping/model-map.ts';
import { describeDecoder } from './model/decoder.ts';
import { namedModel } from './model/paper-models.ts';
import { TokenSimulation } from './simulation/token.ts';

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
