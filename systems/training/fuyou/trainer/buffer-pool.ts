/** A few equal places in memory that are taken and given back; who finds none waits, first come first served. */
export class BufferPool {
	private readonly free: number[];
	private readonly waiting: ((address: number) => void)[] = [];

	constructor(addresses: readonly number[]) {
		this.free = [...addresses];
	}

	take(): Promise<number> {
		const address = this.free.shift();
		return address === undefined ? new Promise((resolve) => this.waiting.push(resolve)) : Promise.resolve(address);
	}

	giveBack(address: number): void {
		const next = this.waiting.shift();
		if (next === undefined) this.free.push(address);
		else next(address);
	}
}
