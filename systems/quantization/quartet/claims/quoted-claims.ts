/** Claims that need a GPU with MXFP4, or days: shown, not measured. */
import type { Claim } from '@assay/contract';

const quoted = (id: string, says: string, value: number, unit: string, where: string): Claim => ({
	id,
	says,
	published: { value, unit, where },
	evidence: 'quoted',
});

const NOTEBOOK = 'evaluation data of the code';

export const quotedClaims: readonly Claim[] = [
	quoted('Q3-quartet', 'Quartet, 30M parameters after 11,444 steps: held-out loss on C4.', 3.299, 'nats', NOTEBOOK),
	quoted('Q3-luq-int4', 'LUQ with INT4 there.', 3.658, 'nats', NOTEBOOK),
	quoted('Q3-luq-fp4', 'LUQ with FP4 there.', 4.88, 'nats', NOTEBOOK),
	quoted('Q3-jetfire', 'Jetfire with FP4 there.', 6.759, 'nats', NOTEBOOK),
	quoted('Q3-halo', 'HALO with FP4 there.', 6.551, 'nats', NOTEBOOK),
	quoted('Q9-forward', 'Forward kernels over FP8 on an RTX 5090, 52 billion parameters.', 2.51, 'x', NOTEBOOK),
	quoted('Q9-backward', 'Backward kernels over FP8 there.', 1.38, 'x', NOTEBOOK),
	quoted('Q10-forward', 'Forward kernels over bfloat16 there.', 4.77, 'x', NOTEBOOK),
	quoted('Q10-backward', 'Backward kernels over bfloat16 there.', 2.71, 'x', NOTEBOOK),
	quoted('Q11-bf16', '7 billion parameters after 38,000 steps in bfloat16: held-out loss on C4.', 2.79744, 'nats', NOTEBOOK),
	quoted('Q11-quartet', 'The same with Quartet.', 2.85606, 'nats', NOTEBOOK),
];
