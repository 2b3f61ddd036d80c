import type { Claim } from '@assay/contract';
import { measuredClaims } from './measured-claims.ts';
import { plannedClaims } from './planned-claims.ts';

export const claims: readonly Claim[] = [...plannedClaims, ...measuredClaims];
