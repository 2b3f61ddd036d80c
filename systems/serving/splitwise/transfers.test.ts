import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fairRates } from './transfers.ts';

test('rates are max-min fair: ports hold, and every transfer is among the fastest of a full port', () => {
	const machines = 4;
	const flow = fc.tuple(fc.nat(machines - 1), fc.nat(machines - 1));
	fc.assert(
		fc.property(
			fc.array(flow, { minLength: 1, maxLength: 12 }),
			fc.array(fc.integer({ min: 1, max: 100 }), { minLength: machines, maxLength: machines }),
			(flows, ports) => {
				const requests = { promptMachine: flows.map(([from]) => from), tokenMachine: flows.map(([, to]) => to) };
				const rate = new Float64Array(flows.length);
				fairRates({ length: flows.length, at: (i) => i }, requests, ports, rate);
				const load = new Float64Array(2 * machines);
				const fastest = new Float64Array(2 * machines);
				for (const [i, [from, to]] of flows.entries()) {
					for (const port of [from, machines + to]) {
						load[port] = (load[port] as number) + (rate[i] as number);
						fastest[port] = Math.max(fastest[port] as number, rate[i] as number);
					}
				}
				for (let port = 0; port < 2 * machines; port++) {
					expect(load[port] as number).toBeLessThanOrEqual((ports[port % machines] as number) * (1 + 1e-9));
				}
				for (const [i, [from, to]] of flows.entries()) {
					const bottleneck = [from, machines + to].some(
						(port) =>
							(load[port] as number) >= (ports[port % machines] as number) * (1 - 1e-9) &&
							(rate[i] as number) >= (fastest[port] as number) * (1 - 1e-9),
					);
					expect(bottleneck).toBe(true);
				}
			},
		),
	);
});
