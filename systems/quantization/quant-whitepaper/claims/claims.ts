import type { Claim } from '@assay/contract';
import { measuredClaims } from './measured-claims.ts';
import { quotedClaims } from './quoted-claims.ts';
import { textClaims } from './text-claims.ts';

export const claims: readonly Claim[] = [...measuredClaims, ...textClaims, ...quotedClaims];
