/** Paths into inputs, as written on a command line: `cluster.prompt.count`, `machines[0].name`. */
import { InputError, type Path, show } from '@assay/contract';

const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);

/** The steps of a path. Raises an InputError if it is not one. */
export function parsePath(text: string): Path {
	const steps: (string | number)[] = [];
	const step = /(?:^|\.)([^.[\]]+)|\[(\d{1,6})\]/gy;
	while (step.lastIndex < text.length) {
		const match = step.exec(text);
		if (match === null || FORBIDDEN.has(match[1] ?? '')) {
			throw new InputError({
				path: ['set', text],
				found: show(text),
				expected: 'a path such as cluster.count or machines[0].name',
			});
		}
		steps.push(match[1] ?? Number(match[2]));
	}
	if (steps.length === 0)
		throw new InputError({ path: ['set'], found: 'an empty path', expected: 'a path such as cluster.count' });
	return steps;
}

/** A copy of `root` with the value at a path replaced; objects on the way are made where there are none. */
export function setAt(root: unknown, path: string, value: unknown): unknown {
	return replace(root, parsePath(path), value, path);
}

/** The value at a path, or undefined. */
export function getAt(root: unknown, path: string): unknown {
	let at = root;
	for (const step of parsePath(path)) {
		if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return undefined;
		at = Reflect.get(at, step);
	}
	return at;
}

function replace(node: unknown, [step, ...rest]: Path, value: unknown, whole: string): unknown {
	if (step === undefined) return value;
	if (typeof step === 'number') {
		const list: unknown[] = Array.isArray(node) ? [...node] : [];
		if (step > list.length)
			throw new InputError({
				path: ['set', whole],
				found: `position ${step}`,
				expected: `at most ${list.length}, the length of the list`,
			});
		list[step] = replace(list[step], rest, value, whole);
		return list;
	}
	const record: Record<string, unknown> = typeof node === 'object' && node !== null && !Array.isArray(node) ? { ...node } : {};
	record[step] = replace(record[step], rest, value, whole);
	return record;
}
