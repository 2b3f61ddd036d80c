/** The shape of an input of which the file leaves sizes open. */
import { InputError } from '@assay/contract';
import type { GivenDimensions } from '@assay/models/onnx';

/** `stated`: sizes, null or below 0 where open. An open batch is 1. Raises an InputError that names the input. */
export function closedShape(
	name: string,
	stated: readonly (number | null)[] | undefined,
	given: GivenDimensions,
	fileName: string,
): readonly number[] {
	const own = given[name];
	const shape = typeof own === 'object' ? own : stated?.map((size, axis) => (axis === 0 && isOpen(size) ? 1 : size));
	if (shape === undefined || shape.some(isOpen))
		throw new InputError({
			path: [fileName, name],
			found: shape === undefined ? 'an input of any shape' : `an input of [${shape.map((size) => size ?? '?').join(', ')}]`,
			expected: `sizes: give them as model.dimensions, such as ${name}=1x224x224x3`,
		});
	const whole = shape.map(Number);
	const differs =
		stated !== undefined &&
		(stated.length !== whole.length || stated.some((size, axis) => !isOpen(size) && size !== whole[axis]));
	if (differs)
		throw new InputError({
			path: ['model', 'dimensions', name],
			found: whole.join('x'),
			expected: `[${stated.map((size) => (isOpen(size) ? '?' : size)).join(', ')}], as the file states`,
		});
	return whole;
}

function isOpen(size: number | null): boolean {
	return size === null || size < 0;
}
