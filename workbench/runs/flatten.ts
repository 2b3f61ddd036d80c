/** Nested results as flat columns. */

export type Scalar = string | number | boolean | null;

/** Every scalar leaf under its path (`summary.ttft.p99`). Lists longer than `listLimit` are left out: they are series, not figures. */
export function flatten(value: unknown, listLimit = 16): Map<string, Scalar> {
	const leaves = new Map<string, Scalar>();
	const visit = (node: unknown, path: string): void => {
		if (node === null || typeof node === 'number' || typeof node === 'string' || typeof node === 'boolean')
			leaves.set(path, node);
		else if (Array.isArray(node)) {
			if (node.length <= listLimit) for (const [index, element] of node.entries()) visit(element, `${path}[${index}]`);
		} else if (typeof node === 'object') {
			for (const [key, element] of Object.entries(node)) visit(element, path === '' ? key : `${path}.${key}`);
		}
	};
	visit(value, '');
	return leaves;
}
