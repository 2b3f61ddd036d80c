import type { Claim } from '@assay/contract';
import { characterizationClaims } from './claims/characterization-claims.ts';
import { throughputClaims } from './claims/throughput-claims.ts';

const number = (claim: Claim): number => Number(/\d+/.exec(claim.id)?.[0] ?? 0);

/** The paper's claims S1 to S14. */
export const claims: readonly Claim[] = [...throughputClaims, ...characterizationClaims].sort((a, b) => number(a) - number(b));
