import { expect, test } from 'vitest';
import { Resource } from './resource.ts';
import { type Process, Simulation } from './simulation.ts';

test('closures run in order of time, then of scheduling', () => {
	const simulation = new Simulation();
	const seen: string[] = [];
	simulation.after(2, () => seen.push('c'));
	simulation.after(1, () => seen.push('a'));
	const cancelled = simulation.after(1, () => seen.push('never'));
	simulation.after(1, () => seen.push('b'));
	expect(simulation.cancel(cancelled)).toBe(true);
	expect(simulation.cancel(cancelled)).toBe(false);
	simulation.run();
	expect(seen).toEqual(['a', 'b', 'c']);
	expect(simulation.now).toBe(2);
});

test('a run stops at its end time and goes on from there', () => {
	const simulation = new Simulation();
	let ticks = 0;
	simulation.spawn(
		(function* (): Process {
			for (let i = 0; i < 10; i++) {
				yield 1;
				ticks++;
			}
		})(),
	);
	simulation.run(4.5);
	expect(ticks).toBe(4);
	simulation.run();
	expect([ticks, simulation.size]).toEqual([10, 0]);
});

test('two servers and a first-come first-served queue finish when a hand calculation says', () => {
	const simulation = new Simulation();
	const servers = new Resource(2);
	const finished: [string, number][] = [];
	const customer = function* (name: string, arrival: number, service: number): Process {
		yield arrival;
		yield servers.acquire();
		yield service;
		servers.release();
		finished.push([name, simulation.now]);
	};
	simulation.spawn(customer('a', 0, 5));
	simulation.spawn(customer('b', 1, 2));
	simulation.spawn(customer('c', 2, 4));
	simulation.spawn(customer('d', 2.5, 1));
	simulation.run();
	expect(finished).toEqual([
		['b', 3],
		['a', 5],
		['d', 6],
		['c', 7],
	]);
	expect(servers.inUse).toBe(0);
});

test('a small request never overtakes a large one that waits', () => {
	const simulation = new Simulation();
	const memory = new Resource(10);
	const order: string[] = [];
	const job = function* (name: string, amount: number, seconds: number): Process {
		yield memory.acquire(amount);
		order.push(name);
		yield seconds;
		memory.release(amount);
	};
	simulation.spawn(job('half', 6, 3));
	simulation.spawn(job('large', 8, 1));
	simulation.spawn(job('small', 1, 1));
	simulation.run();
	expect(order).toEqual(['half', 'large', 'small']);
});

test('an M/M/1 queue has the mean number in system that theory gives, rho / (1 - rho)', () => {
	const simulation = new Simulation();
	const server = new Resource(1);
	let state = 12345;
	const exponential = (mean: number) => {
		state = (Math.imul(state, 1103515245) + 12345) >>> 0;
		return -mean * Math.log((state + 1) / 4294967297);
	};
	let inSystem = 0;
	let area = 0;
	let last = 0;
	const change = (by: number) => {
		area += inSystem * (simulation.now - last);
		last = simulation.now;
		inSystem += by;
	};
	const customer = function* (): Process {
		change(1);
		yield server.acquire();
		yield exponential(0.5);
		server.release();
		change(-1);
	};
	const arrivals = function* (): Process {
		for (let i = 0; i < 100_000; i++) {
			yield exponential(1);
			simulation.spawn(customer());
		}
	};
	simulation.spawn(arrivals());
	simulation.run();
	expect(area / simulation.now).toBeCloseTo(1, 1);
});

test('misuse of a resource is an error', () => {
	expect(() => new Resource(0)).toThrow(RangeError);
	expect(() => new Resource(2).acquire(3)).toThrow(RangeError);
	expect(() => new Resource(2).release(1)).toThrow(RangeError);
});
