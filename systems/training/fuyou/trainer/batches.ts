/** Batches of token numbers, by seed and step alone, so that a resumed training sees what an uninterrupted one does. */
import { createRandom } from '@assay/contract';
import type { GptShape } from '@assay/learning';

export interface Batch {
	readonly tokens: Int32Array<ArrayBuffer>;
	/** The token that follows each one. */
	readonly targets: Int32Array<ArrayBuffer>;
}

/**
 * Sequences of step `step`: windows of a text's bytes where there is one, else a walk over the vocabulary that a model can learn: the
 * next token is 5 t + 7 modulo the vocabulary, except for every tenth, which is drawn at random.
 */
export function batchOf(shape: GptShape, seed: number, step: number, text?: Uint8Array): Batch {
	const { batch, sequenceTokens, vocabulary } = shape;
	const random = createRandom(seed).fork(`batch ${step}`);
	const tokens = new Int32Array(batch * sequenceTokens);
	const targets = new Int32Array(batch * sequenceTokens);
	for (let sequence = 0; sequence < batch; sequence++) {
		const row = sequence * sequenceTokens;
		const start = text === undefined ? 0 : random.integer(text.length - sequenceTokens);
		let token = random.integer(vocabulary);
		for (let i = 0; i < sequenceTokens; i++) {
			const walked = random.integer(10) === 0 ? random.integer(vocabulary) : (5 * token + 7) % vocabulary;
			const next = text === undefined ? walked : (text[start + i + 1] as number);
			tokens[row + i] = text === undefined ? token : (text[start + i] as number);
			targets[row + i] = next;
			token = next;
		}
	}
	return { tokens, targets };
}
