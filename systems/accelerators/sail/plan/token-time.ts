/** A step of a model: one token for each sequence of a batch. */
import type { QuantisedModel } from '../model/quantised-model.ts';
import { vectorWork } from '../model/vector-work.ts';
import { type WeightProduct, weightProducts } from '../model/weight-products.ts';
import { type CacheMachine, vectorOpsPerSecond } from './cache-machine.ts';
import { type ProductTime, productTime, type Quantisation } from './product-time.ts';

export interface TimedProduct {
	readonly product: WeightProduct;
	/** Of one of its `times`. */
	readonly time: ProductTime;
}

export interface TokenTime {
	readonly products: readonly TimedProduct[];
	/** Sums over all products, as if each part ran alone. */
	readonly loadSeconds: number;
	readonly fillSeconds: number;
	readonly buildSeconds: number;
	readonly lookupSeconds: number;
	readonly conversionSeconds: number;
	readonly reductionSeconds: number;
	/** Of the products, their parts overlapped. */
	readonly productSeconds: number;
	/** Attention and element-wise work of the whole batch on the cores. */
	readonly vectorSeconds: number;
	/** Reading keys and values, overlapped with it. */
	readonly cacheReadSeconds: number;
	readonly seconds: number;
	readonly tokensPerSecond: number;
}

export function tokenTime(
	{ model, widthOf }: QuantisedModel,
	batch: number,
	contextTokens: number,
	quantisation: Quantisation,
	machine: CacheMachine,
): TokenTime {
	const products = weightProducts(model, batch).map((product) => ({
		product,
		time: productTime(product, { ...widthOf(product), ...quantisation }, machine),
	}));
	const sum = (of: (time: ProductTime) => number): number =>
		products.reduce((total, { product, time }) => total + product.times * of(time), 0);
	const work = vectorWork(model, contextTokens);
	const vectorSeconds = (batch * work.operations) / vectorOpsPerSecond(machine);
	const cacheReadSeconds = (batch * work.cacheBytes) / machine.dramBytesPerSecond;
	const productSeconds = sum(({ seconds }) => seconds);
	const seconds = productSeconds + Math.max(vectorSeconds, cacheReadSeconds);
	return {
		products,
		loadSeconds: sum(({ loadSeconds }) => loadSeconds),
		fillSeconds: sum(({ fillSeconds }) => fillSeconds),
		buildSeconds: sum(({ buildSeconds }) => buildSeconds),
		lookupSeconds: sum(({ lookupSeconds }) => lookupSeconds),
		conversionSeconds: sum(({ conversionSeconds }) => conversionSeconds),
		reductionSeconds: sum(({ reductionSeconds }) => reductionSeconds),
		productSeconds,
		vectorSeconds,
		cacheReadSeconds,
		seconds,
		tokensPerSecond: batch / seconds,
	};
}

/** Reading a prompt: its tokens as one batch through the products, each attending to half of the prompt on average. */
export function promptSeconds(
	model: QuantisedModel,
	promptTokens: number,
	quantisation: Quantisation,
	machine: CacheMachine,
): number {
	return tokenTime(model, promptTokens, Math.max(1, promptTokens / 2), quantisation, machine).seconds;
}
