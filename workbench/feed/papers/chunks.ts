/** The items in groups small enough for one SQL statement. */
export function* chunks<Item>(items: readonly Item[], size = 500): Generator<Item[]> {
	for (let start = 0; start < items.length; start += size) yield items.slice(start, start + size);
}
