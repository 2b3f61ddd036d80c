/** Random checkpoints of a small mixture-of-experts model, whole on one rank, for showing that reshaping loses nothing. */
import { createRandom } from '@assay/contract';
import { elementCount, encodeSafetensorsHeader, SAFETENSORS_BITS, type TensorDescription } from '@assay/models';
import type { LayoutInput } from './layout.ts';
import type { HeldFile } from './reshape-files.ts';

export interface CheckpointSize {
	readonly layers: number;
	readonly hidden: number;
	readonly heads: number;
	readonly kvHeads: number;
	readonly experts: number;
	readonly width: number;
	readonly vocabulary: number;
}

/** Rules for its layouts, with a fused query-key-value matrix and a fused gate and up projection. */
export function checkpointRules({ heads, kvHeads, vocabulary }: CheckpointSize, multiple: number): LayoutInput['rules'] {
	return [
		{ match: 'embed.weight', split: 'vocabulary', rows: vocabulary, multiple, stage: 'both' },
		{ match: '**.attention.qkv.*', split: 'column', parts: [heads, kvHeads, kvHeads] },
		{ match: '**.attention.out.weight', split: 'row' },
		{ match: '**.experts.gate_up', split: 'column', experts: 'leading', parts: [1, 1] },
		{ match: '**.experts.down', split: 'row', experts: 'leading' },
		{ match: '**.balance', trained: false },
		{ match: 'norm.weight', stage: 'last' },
	];
}

/** Its tensors. */
export function checkpointTensors({
	layers,
	hidden,
	heads,
	kvHeads,
	experts,
	width,
	vocabulary,
}: CheckpointSize): TensorDescription[] {
	const headDim = hidden / heads;
	const qkv = (heads + 2 * kvHeads) * headDim;
	const tensors: TensorDescription[] = [{ name: 'embed.weight', dtype: 'BF16', shape: [vocabulary, hidden] }];
	for (let layer = 0; layer < layers; layer++) {
		const at = `layers.${layer}`;
		tensors.push(
			{ name: `${at}.attention.qkv.weight`, dtype: 'BF16', shape: [qkv, hidden] },
			{ name: `${at}.attention.qkv.bias`, dtype: 'BF16', shape: [qkv] },
			{ name: `${at}.attention.out.weight`, dtype: 'BF16', shape: [hidden, heads * headDim] },
			{ name: `${at}.router.weight`, dtype: 'F32', shape: [experts, hidden] },
			{ name: `${at}.balance`, dtype: 'F32', shape: [experts] },
			{ name: `${at}.experts.gate_up`, dtype: 'BF16', shape: [experts, 2 * width, hidden] },
			{ name: `${at}.experts.down`, dtype: 'BF16', shape: [experts, hidden, width] },
			{ name: `${at}.norm.weight`, dtype: 'BF16', shape: [hidden] },
		);
	}
	tensors.push({ name: 'norm.weight', dtype: 'BF16', shape: [hidden] });
	return tensors;
}

/** Fills bytes from a seed, fast and without any pattern that a wrong copy could repeat. */
function fillRandom(bytes: Uint8Array, seed: number): void {
	const random = createRandom(seed);
	const words = bytes.byteLength >> 2;
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	for (let i = 0; i < words; i++) view.setUint32(4 * i, random.uint32(), true);
	for (let i = 4 * words; i < bytes.byteLength; i++) bytes[i] = random.uint32() & 255;
}

/** A file of random values, each tensor ending in so many zero bytes. */
export function randomFile(name: string, tensors: readonly TensorDescription[], seed: number, zeros = 0): HeldFile {
	const { bytes, header } = encodeSafetensorsHeader(tensors, { format: 'pt' });
	const file = new Uint8Array(header.fileBytes);
	file.set(bytes);
	for (const [i, entry] of header.tensors.entries()) {
		fillRandom(file.subarray(entry.fileOffset, entry.fileOffset + entry.bytes - zeros), 1000 * seed + i);
	}
	return { name, bytes: file };
}

/** Optimizer states of the checkpoints. */
export const optimizerStates = ['master', 'exp_avg', 'exp_avg_sq'];

/** Weights, and states end to end in the order of names with zeros at the end, as a layout of one rank with the given alignment has them. */
export function randomCheckpoint(size: CheckpointSize, seed: number, align: number): HeldFile[] {
	const tensors = checkpointTensors(size).sort(
		(a, b) => SAFETENSORS_BITS[b.dtype] - SAFETENSORS_BITS[a.dtype] || (a.name < b.name ? -1 : 1),
	);
	const trained = tensors.filter(({ name }) => !name.endsWith('balance'));
	const count = trained.reduce((sum, { shape }) => sum + elementCount(shape), 0);
	const padded = Math.ceil(count / align) * align;
	const states = optimizerStates.map((name) => ({ name, dtype: 'F32' as const, shape: [padded] }));
	return [
		randomFile('model.safetensors', tensors, seed),
		randomFile('optimizer.safetensors', states, seed + 1, 4 * (padded - count)),
	];
}
