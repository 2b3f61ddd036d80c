/** Parts of a network in an order in which each comes after what it reads. */

interface Part {
	readonly name: string;
	/** Names of parts. */
	readonly inputs: readonly string[];
}

/** Parts that could be next keep the order they came in. `fail` makes the error for a name that is no part, and for a circle. */
export function inOrder<T extends Part>(
	parts: readonly T[],
	fail: (place: string, found: string, expected: string) => Error,
): T[] {
	const byName = new Map(parts.map((part) => [part.name, part]));
	const waiting = new Map(parts.map(({ name, inputs }) => [name, new Set(inputs).size]));
	const readers = new Map<string, string[]>();
	for (const { name, inputs } of parts)
		for (const input of new Set(inputs)) {
			if (!byName.has(input)) throw fail(name, `an input from ${input}`, 'a part of the same network');
			const known = readers.get(input);
			if (known === undefined) readers.set(input, [name]);
			else known.push(name);
		}
	const ready = parts.filter(({ inputs }) => inputs.length === 0);
	for (const { name } of ready)
		for (const reader of readers.get(name) ?? []) {
			const left = (waiting.get(reader) ?? 0) - 1;
			waiting.set(reader, left);
			const part = byName.get(reader);
			if (left === 0 && part !== undefined) ready.push(part);
		}
	const stuck = parts.find(({ name }) => (waiting.get(name) ?? 0) > 0);
	if (stuck !== undefined) throw fail(stuck.name, 'a part of a circle', 'parts that can be run one after the other');
	return ready;
}
