/** The loss of a network that decides: cross-entropy of its shares with target shares, at each place. */
import { placesOf } from '../diagnose/decisions.ts';

/** Shares that logits stand for: a softmax at each place, or of single logits the logistic function. */
export function sharesOf(logits: Float32Array, shape: readonly number[]): Float32Array {
	const { classes, places, step, start } = placesOf(logits.length, shape);
	const shares = new Float32Array(logits.length);
	for (let place = 0; place < places; place++) {
		const first = start(place);
		if (classes === 1) {
			shares[first] = 1 / (1 + Math.exp(-(logits[first] as number)));
			continue;
		}
		let most = Number.NEGATIVE_INFINITY;
		for (let of = 0; of < classes; of++) most = Math.max(most, logits[first + of * step] as number);
		let sum = 0;
		for (let of = 0; of < classes; of++) sum += Math.exp((logits[first + of * step] as number) - most);
		for (let of = 0; of < classes; of++) shares[first + of * step] = Math.exp((logits[first + of * step] as number) - most) / sum;
	}
	return shares;
}

/** One class alone. */
export function oneHot(label: number, classes: number): Float32Array {
	const shares = new Float32Array(classes);
	shares[label] = 1;
	return shares;
}

/** Mean over places; adds the gradient by each logit to `gradient`, times `factor`. */
export function crossEntropy(
	logits: Float32Array,
	targets: Float32Array,
	shape: readonly number[],
	gradient: Float32Array,
	factor: number,
): number {
	const { classes, places } = placesOf(logits.length, shape);
	const shares = sharesOf(logits, shape);
	const log = (share: number) => Math.log(Math.max(share, 1e-30));
	let loss = 0;
	for (let i = 0; i < logits.length; i++) {
		const [share, target] = [shares[i] as number, targets[i] as number];
		loss -= target * log(share) + (classes === 1 ? (1 - target) * log(1 - share) : 0);
		gradient[i] = (gradient[i] as number) + (factor * (share - target)) / places;
	}
	return loss / places;
}
