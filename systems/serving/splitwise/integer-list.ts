/** A short list of small integers that keeps its order: queues of tasks and requests. Removal is a memory move, not a rebuild. */
export class IntegerList {
	private items = new Int32Array(32);
	length = 0;

	at(index: number): number {
		return this.items[index] as number;
	}

	push(value: number): void {
		this.insert(this.length, value);
	}

	insert(index: number, value: number): void {
		if (this.length === this.items.length) {
			const grown = new Int32Array(this.items.length * 2);
			grown.set(this.items);
			this.items = grown;
		}
		if (index < this.length) this.items.copyWithin(index + 1, index, this.length);
		this.items[index] = value;
		this.length++;
	}

	/** Removes the first occurrence; false if there is none. */
	remove(value: number): boolean {
		const { items, length } = this;
		let index = 0;
		while (index < length && items[index] !== value) index++;
		if (index === length) return false;
		items.copyWithin(index, index + 1, length);
		this.length--;
		return true;
	}

	clear(): void {
		this.length = 0;
	}
}
