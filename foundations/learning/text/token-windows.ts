/**
 * Batches of a token stream. The stream is cut into windows that do not overlap; each epoch visits all windows once in an order of its
 * own. Which windows step n sees depends on the seed and on n alone, so a training goes on anywhere.
 */
import { createRandom } from '@assay/contract';

export interface Batch {
	readonly tokens: Int32Array;
	/** The token after each. */
	readonly targets: Int32Array;
}

export class TokenWindows {
	readonly windows: number;
	/** Whole batches in an epoch; the windows left over are not seen in that epoch. */
	readonly batchesPerEpoch: number;
	private readonly stream: ArrayLike<number>;
	private readonly batch: number;
	private readonly sequenceTokens: number;
	private readonly seed: number;
	private order: { epoch: number; windows: Int32Array } | undefined;

	/** Raises a RangeError where the stream does not fill one batch. */
	constructor(
		stream: ArrayLike<number>,
		shape: { readonly batch: number; readonly sequenceTokens: number; readonly seed: number },
	) {
		this.stream = stream;
		this.batch = shape.batch;
		this.sequenceTokens = shape.sequenceTokens;
		this.seed = shape.seed;
		this.windows = Math.floor((stream.length - 1) / shape.sequenceTokens);
		this.batchesPerEpoch = Math.floor(this.windows / shape.batch);
		if (this.batchesPerEpoch < 1)
			throw new RangeError(`${stream.length} tokens do not fill a batch of ${shape.batch} x ${shape.sequenceTokens}`);
	}

	/** The batch of step `step`, counted from 0, in shuffled order. */
	at(step: number): Batch {
		const epoch = Math.floor(step / this.batchesPerEpoch);
		if (this.order?.epoch !== epoch) this.order = { epoch, windows: this.shuffled(epoch) };
		return this.gather(this.order.windows, (step % this.batchesPerEpoch) * this.batch);
	}

	/** All batches in the stream's order, for evaluation. */
	*inOrder(): Generator<Batch> {
		const all = Int32Array.from({ length: this.windows }, (_, window) => window);
		for (let batch = 0; batch < this.batchesPerEpoch; batch++) yield this.gather(all, batch * this.batch);
	}

	private gather(windows: Int32Array, first: number): Batch {
		const length = this.batch * this.sequenceTokens;
		const [tokens, targets] = [new Int32Array(length), new Int32Array(length)];
		for (let i = 0; i < length; i++) {
			const window = windows[first + Math.floor(i / this.sequenceTokens)] as number;
			const place = window * this.sequenceTokens + (i % this.sequenceTokens);
			tokens[i] = this.stream[place] as number;
			targets[i] = this.stream[place + 1] as number;
		}
		return { tokens, targets };
	}

	private shuffled(epoch: number): Int32Array {
		const random = createRandom(this.seed).fork(`epoch ${epoch}`);
		return random.shuffle(Int32Array.from({ length: this.windows }, (_, window) => window));
	}
}
