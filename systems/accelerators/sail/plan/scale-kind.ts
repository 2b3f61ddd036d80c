/** How sums become floats: a multiplication by any scale, or an addition to the exponent for scales that are powers of two. */
export const SCALE_KINDS = ['any', 'powers of two'] as const;
export type ScaleKind = (typeof SCALE_KINDS)[number];
