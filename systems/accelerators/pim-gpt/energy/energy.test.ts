import { expect, test } from 'vitest';
import { noCounts } from '../simulation/channel-state.ts';
import { machine } from '../test-data.ts';
import { energyFromCurrents, energyFromTable, spentEnergy } from './energy.ts';

const hardware = machine('aim');
const powers = {
	activeStandbyMilliwatts: 263.75,
	prechargeStandbyMilliwatts: 183.15,
	activateMilliwatts: 66.3,
	readMilliwatts: 438.15,
	writeMilliwatts: 553.15,
	refreshMilliwatts: 100,
	picojoulesPerBit: 5.5,
};

test('powers and times of CENT’s script, multiplied by hand', () => {
	const energy = energyFromTable(powers, hardware);
	expect(energy.activationJoules).toBeCloseTo(2.95035e-9, 18);
	expect(energy.readJoules).toBeCloseTo(0.5476875e-9, 18);
	expect(energy.writeJoules).toBeCloseTo(0.6914375e-9, 18);
	expect(energy.multiplyJoules).toBeCloseTo(1.31445e-9, 18);
	// 100 mW for 105 ns.
	expect(energy.refreshJoules).toBeCloseTo(10.5e-9, 18);
});

test('a multiply of fewer banks, or of wider columns, costs in proportion to the bytes that are multiplied', () => {
	const { memory } = hardware;
	const currents = { volts: 1.25, idd0: 122, idd2n: 92, idd3n: 142, idd4r: 530, idd4w: 470, idd5b: 277, picojoulesPerBit: 5.5 };
	const quarter = { ...hardware, memory: { ...memory, banks: 4 } };
	const fourfold = { ...hardware, memory: { ...memory, wordsPerColumn: 64 } };
	const int8 = { ...hardware, memory: { ...memory, bytesPerWord: 1 as const, wordsPerColumn: 32 } };
	for (const energyOf of [
		(machine: typeof hardware) => energyFromTable(powers, machine),
		(machine: typeof hardware) => energyFromCurrents(currents, machine),
	]) {
		const { multiplyJoules } = energyOf(hardware);
		expect(energyOf(quarter).multiplyJoules / multiplyJoules).toBeCloseTo(1 / 4, 12);
		expect(energyOf(fourfold).multiplyJoules / multiplyJoules).toBeCloseTo(4, 12);
		expect(energyOf(int8).multiplyJoules / multiplyJoules).toBeCloseTo(1, 12);
	}
});

test('currents as in DRAMPower, multiplied by hand', () => {
	const currents = { volts: 1.25, idd0: 122, idd2n: 92, idd3n: 142, idd4r: 530, idd4w: 470, idd5b: 277, picojoulesPerBit: 5.5 };
	const energy = energyFromCurrents(currents, machine('paper'));
	expect(energy.activeWatts).toBeCloseTo(0.1775, 12);
	expect(energy.prechargedWatts).toBeCloseTo(0.115, 12);
	// 1.25 V x (122 x 25 - 142 x 13 - 92 x 12) mA ns.
	expect(energy.activationJoules).toBeCloseTo(1.25 * (3050 - 1846 - 1104) * 1e-12, 20);
	expect(energy.readJoules).toBeCloseTo(1.25 * 388e-3 * 1e-9, 20);
	expect(energy.writeJoules).toBeCloseTo(1.25 * 328e-3 * 1e-9, 20);
	expect(energy.multiplyJoules).toBeCloseTo(3 * 1.25 * 388e-3 * 1e-9, 20);
	expect(energy.refreshJoules).toBeCloseTo(1.25 * 135e-3 * 455e-9, 18);
});

test('the parts of a made-up second', () => {
	const energy = energyFromTable(powers, hardware);
	const counts = {
		...noCounts(),
		openCycles: 4e9,
		multiplies: 10,
		registerReads: 2,
		bufferWrites: 3,
		bankWrites: 4,
		bankReads: 5,
		refreshes: 6,
		activations: 7,
	};
	// One second of 2e9 cycles in 8 channels, a quarter of it with rows open, and half of it the ASIC at work.
	const spent = spentEnergy(counts, 2e9, 1e9, energy, hardware);
	expect(spent.standby).toBeCloseTo(2 * 0.26375 + 6 * 0.18315, 9);
	expect(spent.multiplying).toBeCloseTo(13.1445e-9, 15);
	expect(spent.reads).toBeCloseTo(7 * 0.5476875e-9, 18);
	expect(spent.writes).toBeCloseTo(4 * 0.6914375e-9, 18);
	expect(spent.bus).toBeCloseTo(14 * 256 * 5.5e-12, 18);
	expect(spent.refresh).toBeCloseTo(63e-9, 15);
	expect(spent['opening and closing rows']).toBeCloseTo(7 * 2.95035e-9, 18);
	expect(spent.ASIC).toBeCloseTo(0.305 * 0.5 + 0.03, 9);
});
