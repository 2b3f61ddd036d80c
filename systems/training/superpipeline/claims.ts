import type { Claim } from '@assay/contract';
import { measuredClaims } from './claims/measured-claims.ts';
import { plannedClaims } from './claims/planned-claims.ts';

export const claims: readonly Claim[] = [...plannedClaims, ...measuredClaims];
