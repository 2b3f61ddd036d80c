/** What the blocks of a transformer share. */
import type { TransformerModel } from '../../transformer.ts';
import type { NetworkBuilder } from '../builder.ts';
import type { Tensor } from '../network.ts';

export interface BlockContext {
	readonly b: NetworkBuilder;
	readonly model: TransformerModel;
	readonly batch: number;
	readonly tokens: number;
	readonly cachedTokens: number;
}

/** A norm of the model's kind over the last axis, or over the last `width` elements of each row at a time. */
export function norm({ b, model }: Pick<BlockContext, 'b' | 'model'>, name: string, x: Tensor, width?: number): Tensor {
	return b.layerNormalisation(name, x, model.norms.kind === 'layer-norm' ? 'LayerNormalization' : 'RMSNormalization', width);
}
