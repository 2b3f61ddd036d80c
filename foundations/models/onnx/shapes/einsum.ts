/** Products in Einstein's notation. */
import { type Operator, type ShapeRule, unknown } from './operator.ts';

/** An equation with the size of each of its labels. */
export interface EinsumShape {
	/** Labels of each operand, in order; what `...` stands for has labels of its own, digits from its last axis. */
	readonly operands: readonly (readonly string[])[];
	readonly output: readonly string[];
	readonly sizes: ReadonlyMap<string, number>;
}

export function einsumShape(operator: Operator): EinsumShape {
	const equation = operator.text('equation', '').replaceAll(' ', '');
	const fail = (expected: string) => operator.fail(`the equation ${JSON.stringify(equation)}`, expected);
	if (!/^[a-zA-Z.,]*(->[a-zA-Z.]*)?$/.test(equation) || equation.length > 500) throw fail('letters, commas and ...');
	const [left = '', right] = equation.split('->');
	const terms = left.split(',');
	if (terms.length !== operator.inputs.length) throw fail(`${operator.inputs.length} operands`);
	const sizes = new Map<string, number>();
	const extra = new Set<string>();
	const operands = terms.map((term, index) => {
		const { shape } = operator.input(index);
		const labels = spelt(term, shape.length);
		if (labels === null || labels.length !== shape.length) throw fail(`${shape.length} labels for operand ${index}`);
		for (const [axis, label] of labels.entries()) {
			const size = shape[axis] as number;
			const before = sizes.get(label) ?? 1;
			if (before !== 1 && size !== 1 && before !== size) throw fail(`one size for ${label}, not ${before} and ${size}`);
			sizes.set(label, Math.max(before, size));
			if (/\d/.test(label)) extra.add(label);
		}
		return labels;
	});
	const ellipsis = [...extra].sort((a, b) => Number(b) - Number(a));
	const output =
		right === undefined
			? implicitOutput(operands.flat(), ellipsis)
			: spelt(right, right.replace('...', '').length + ellipsis.length);
	if (output === null || output.some((label) => !sizes.has(label))) throw fail('labels of the operands in the output');
	return { operands, output, sizes };
}

/** Labels of a term for so many axes; null where an ellipsis is broken. */
function spelt(term: string, rank: number): string[] | null {
	const [before = '', after, more] = term.split('...');
	if (more !== undefined || before.includes('.') || after?.includes('.')) return null;
	if (after === undefined) return [...before];
	const hidden = rank - before.length - after.length;
	if (hidden < 0) return null;
	return [...before, ...Array.from({ length: hidden }, (_, i) => String(hidden - 1 - i)), ...after];
}

/** Without an output, labels that stand once, in the alphabet's order, after what `...` stands for. */
function implicitOutput(labels: readonly string[], ellipsis: readonly string[]): string[] {
	const letters = labels.filter((label) => !/\d/.test(label));
	const once = letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label));
	return [...ellipsis, ...once.sort((a, b) => (a < b ? -1 : 1))];
}

const einsum: ShapeRule = (operator) => {
	const { output, sizes } = einsumShape(operator);
	return [
		unknown(
			operator.input(0).elementType,
			output.map((label) => sizes.get(label) as number),
		),
	];
};

export const einsumRules: Record<string, ShapeRule> = { Einsum: einsum };
