/**
 * Which pairs of hosts to measure at the same time: every host in one pair a round, every pair once, hosts - 1 rounds (one more for an
 * odd number of hosts, which sits out in turn). A power of two is split in halves that are matched with all shifts, then each half
 * by itself; other numbers take the circle method.
 */

/** Rounds of disjoint pairs of host numbers. */
export function profilingRounds(hosts: number): [number, number][][] {
	return hosts > 1 && (hosts & (hosts - 1)) === 0 ? halves(Array.from({ length: hosts }, (_, host) => host)) : circle(hosts);
}

function halves(hosts: readonly number[]): [number, number][][] {
	if (hosts.length < 2) return [];
	const half = hosts.length / 2;
	const a = hosts.slice(0, half);
	const b = hosts.slice(half);
	const across = a.map((_, shift) => a.map((host, j): [number, number] => [host, b[(j + shift) % half] as number]));
	const right = halves(b);
	return [...across, ...halves(a).map((pairs, round) => [...pairs, ...(right[round] ?? [])])];
}

function circle(hosts: number): [number, number][][] {
	const seats = hosts + (hosts % 2);
	return Array.from({ length: Math.max(0, seats - 1) }, (_, round) => {
		const turn = (seat: number): number => (seat === 0 ? 0 : 1 + ((seat - 1 + round) % (seats - 1)));
		return Array.from({ length: seats / 2 }, (_, k): [number, number] => [turn(k), turn(seats - 1 - k)]).filter(
			([a, b]) => a < hosts && b < hosts,
		);
	});
}
