/** Activations of a model from the user's file. */
import { type DataFile, InputError } from '@assay/contract';
import { readTensor } from '@assay/models/tensors';

const LIMIT_BYTES = 64 << 20;
const MOST_TOKENS = 4096;

export interface Activations {
	readonly tokens: number;
	readonly values: Float32Array;
}

/** Tokens by width, from a .npy file or numbers as text; one dimension is one token. Raises an `InputError` that names what was found. */
export async function readActivations(file: DataFile): Promise<Activations> {
	const { shape, values } = await readTensor(file, undefined, LIMIT_BYTES);
	const tokens = shape.length === 1 ? 1 : (shape[0] ?? 0);
	if (shape.length < 1 || shape.length > 2 || tokens > MOST_TOKENS)
		throw new InputError({
			path: [file.name],
			found: `a shape of (${shape.join(', ')})`,
			expected: `tokens by width, at most ${MOST_TOKENS} tokens`,
		});
	return { tokens, values };
}
