import type { Claim } from '@assay/contract';
import { evaluationClaims } from './evaluation-claims.ts';
import { formulationClaims } from './formulation-claims.ts';
import { numericClaims } from './numeric-claims.ts';

export const claims: readonly Claim[] = [...evaluationClaims, ...formulationClaims, ...numericClaims];
