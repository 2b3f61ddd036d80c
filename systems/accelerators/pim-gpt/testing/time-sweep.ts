/** Times tokens 1 to 1,024 of a model in a process of its own, where modules are the engine's and not a test runner's; prints JSON. */
import { paperMachine } from '../claims/paper-tokens.ts';
import { mapModel } from '../mapping/model-map.ts';
import { describeDecoder } from '../model/decoder.ts';
import { namedModel } from '../model/paper-models.ts';
import { TokenSimulation } from '../simulation/token.ts';

const hardware = paperMachine();
const map = mapModel(describeDecoder(namedModel(process.argv[2] ?? 'gpt2-xl')), hardware, { tokens: 1024, concatenate: true });
const simulation = new TokenSimulation(map, hardware);
const start = process.cpuUsage();
const slowest = { milliseconds: 0 };
for (let context = 1; context <= 1024; context++) {
	const before = process.cpuUsage();
	simulation.token(context);
	slowest.milliseconds = Math.max(slowest.milliseconds, milliseconds(process.cpuUsage(before)));
}
console.info(
	JSON.stringify({
		sweepMilliseconds: milliseconds(process.cpuUsage(start)),
		slowestTokenMilliseconds: slowest.milliseconds,
		residentMegabytes: process.resourceUsage().maxRSS / 1024,
	}),
);

function milliseconds({ user, system }: { readonly user: number; readonly system: number }): number {
	return (user + system) / 1000;
}
