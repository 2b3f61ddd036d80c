/** Every operator whose shapes are inferred, with the kind of work it does. What is not here is refused by name. */
import { attentionRules, fusedAttentionRules } from './attention.ts';
import { constantRules } from './constants.ts';
import { convolutionRules, fusedConvolutionRules, poolingRules, quantisedPoolingRules, unpoolingRules } from './convolution.ts';
import { einsumRules } from './einsum.ts';
import { elementwiseRules } from './elementwise.ts';
import { fusedElementwiseRules } from './fused.ts';
import { layoutRules } from './layout.ts';
import { lookupRules } from './lookup.ts';
import { fusedMatrixProductRules, matrixProductRules } from './matrix-product.ts';
import { embeddingRules, fusedNormalisationRules, normalisationRules, softmaxRules } from './normalisation.ts';
import type { ShapeRule } from './operator.ts';
import { quantisationRules, quantisedElementwiseRules, quantisedLayoutRules, quantisedSoftmaxRules } from './quantisation.ts';
import { quantisedRecurrentRules, recurrentRules } from './recurrent.ts';
import { reductionRules } from './reduction.ts';
import { resizeRules } from './resize.ts';

/** What an operator computes. `attention` and `einsum` are several layers or one of several kinds; `embedding` is a fused look-up. */
export type OperatorKind =
	| 'convolution'
	| 'matrix-product'
	| 'einsum'
	| 'attention'
	| 'recurrent'
	| 'pooling'
	| 'normalisation'
	| 'softmax'
	| 'elementwise'
	| 'embedding'
	| 'reduction'
	| 'look-up'
	| 'data-movement'
	| 'resampling'
	| 'constant'
	| 'control-flow';

export interface RegisteredOperator {
	readonly kind: OperatorKind;
	/** Null for control flow, which has bodies. */
	readonly rule: ShapeRule | null;
}

const RULES: readonly (readonly [domain: string, kind: OperatorKind, rules: Readonly<Record<string, ShapeRule | null>>])[] = [
	['', 'convolution', convolutionRules],
	['', 'matrix-product', matrixProductRules],
	['', 'einsum', einsumRules],
	['', 'attention', attentionRules],
	['', 'recurrent', recurrentRules],
	['', 'pooling', poolingRules],
	['', 'normalisation', normalisationRules],
	['', 'softmax', softmaxRules],
	['', 'elementwise', { ...elementwiseRules, ...quantisationRules }],
	['', 'reduction', reductionRules],
	['', 'look-up', lookupRules],
	['', 'data-movement', { ...layoutRules, ...unpoolingRules }],
	['', 'resampling', resizeRules],
	['', 'constant', constantRules],
	['', 'control-flow', { If: null, Loop: null }],
	['com.microsoft', 'convolution', fusedConvolutionRules],
	['com.microsoft', 'matrix-product', fusedMatrixProductRules],
	['com.microsoft', 'attention', fusedAttentionRules],
	['com.microsoft', 'recurrent', quantisedRecurrentRules],
	['com.microsoft', 'pooling', quantisedPoolingRules],
	['com.microsoft', 'normalisation', fusedNormalisationRules],
	['com.microsoft', 'softmax', quantisedSoftmaxRules],
	['com.microsoft', 'elementwise', { ...fusedElementwiseRules, ...quantisedElementwiseRules }],
	['com.microsoft', 'embedding', embeddingRules],
	['com.microsoft', 'data-movement', quantisedLayoutRules],
];

const registry = new Map<string, RegisteredOperator>(
	RULES.flatMap(([domain, kind, rules]) =>
		Object.entries(rules).map(([name, rule]) => [`${domain}:${name}`, { kind, rule }] as const),
	),
);

/** An operator by domain and name; undefined where it is not covered. */
export function registeredOperator(domain: string, name: string): RegisteredOperator | undefined {
	return registry.get(`${domain === 'ai.onnx' ? '' : domain}:${name}`);
}

/** Names of the covered operators by domain and kind, in alphabetical order. */
export function coveredOperators(): readonly {
	readonly domain: string;
	readonly kind: OperatorKind;
	readonly names: readonly string[];
}[] {
	return RULES.map(([domain, kind, rules]) => ({ domain, kind, names: Object.keys(rules).sort() }));
}
