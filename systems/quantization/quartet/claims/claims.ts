import type { Claim } from '@assay/contract';
import { lawClaims } from './law-claims.ts';
import { numericClaims } from './numeric-claims.ts';
import { quotedClaims } from './quoted-claims.ts';
import { regionClaims } from './region-claims.ts';
import { trainingClaims } from './training-claims.ts';

export const claims: readonly Claim[] = [...lawClaims, ...numericClaims, ...regionClaims, ...trainingClaims, ...quotedClaims];
