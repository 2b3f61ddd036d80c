/** The five designs that are compared, slowest first. */
export const designNames = ['unfused', 'flat', 'cascade', 'architecture', 'fusemax'] as const;
export type DesignName = (typeof designNames)[number];

export const designTitles: Readonly<Record<DesignName, string>> = {
	unfused: 'unfused',
	flat: 'FLAT',
	cascade: 'one-pass cascade on FLAT’s elements',
	architecture: 'with FuseMax’s elements',
	fusemax: 'FuseMax',
};
