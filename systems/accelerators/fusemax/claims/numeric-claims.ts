/** Claims on arithmetic: the running cascade is softmax up to rounding, on 64 heads of 1024 by 1024. */
import { type Claim, type ClaimContext, createRandom, type ParallelTask } from '@assay/contract';
import { type ArithmeticFormat, checkCascade, parseCascade, runCascade } from '@assay/models/einsum';
import { builtInCascades } from '../cascades/built-in-cascades.ts';
import { attentionData } from '../numeric/attention-cases.ts';
import { referenceAttention } from '../numeric/reference-attention.ts';
import { largestDifference, namedSizes } from '../numeric/run-numeric.ts';

const HEADS = 64;
const sizes = { E: 64, F: 64, M: 1024, P: 1024, tile: 256 } as const;

interface HeadErrors {
	readonly float64: number;
	readonly float32: number;
}

/** Largest errors of one head with random tensors of its own seed. */
export const headErrors: ParallelTask<number, HeadErrors> = {
	module: import.meta.url,
	name: 'headErrors',
	async run(head, pause) {
		const cascade = checkCascade(parseCascade(builtInCascades['one-pass'].text));
		const data = attentionData('normal', sizes, createRandom(`head ${head}`));
		const reference = await referenceAttention(data, sizes, pause);
		await pause();
		const error = async (format: ArithmeticFormat): Promise<number> => {
			const inputs = { Q: data.queries, K: data.keys, V: data.values };
			const { values } = await runCascade(cascade, { sizes: namedSizes(cascade, sizes), inputs, format, pause });
			return largestDifference(values('AV'), reference) ?? Number.POSITIVE_INFINITY;
		};
		return { float64: await error('float64'), float32: await error('float32') };
	},
};

const worst = async (context: ClaimContext, format: keyof HeadErrors): Promise<number> => {
	const heads = await context.once('heads', () =>
		context.parallel(
			headErrors,
			Array.from({ length: HEADS }, (_, head) => head),
		),
	);
	return Math.max(...heads.map((one) => one[format]));
};

const claim = (id: string, format: keyof HeadErrors, name: string, value: number, because: string): Claim => ({
	id,
	says: `The running cascade equals softmax: largest error in ${name}, 64 heads of 1024 by 1024.`,
	published: { value, unit: '1', where: 'implied by the cascade; the bound is ours' },
	evidence: 'measured',
	tolerance: { bound: 'at most', because },
	effort: 'minutes',
	measure: (context) => worst(context, format),
});

export const numericClaims: readonly Claim[] = [
	claim('C10-double', 'float64', 'double precision', 1e-12, 'a thousand roundings of 1e-16, most of which cancel'),
	claim('C10-single', 'float32', 'single precision', 2e-6, 'a thousand roundings of 6e-8, most of which cancel'),
];
