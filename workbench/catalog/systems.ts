/** The list of systems: cards are plain facts and loaded at once, code is loaded when a system is used. */

import { card as bfpOutliers } from '@assay/bfp-outliers/card';
import type { Card, System } from '@assay/contract';
import { card as daqModel } from '@assay/daq-model/card';
import { card as deepOptimizerStates } from '@assay/deep-optimizer-states/card';
import { card as draco } from '@assay/draco/card';
import { card as fusemax } from '@assay/fusemax/card';
import { card as fuyou } from '@assay/fuyou/card';
import { card as nasaic } from '@assay/nasaic/card';
import { card as pimGpt } from '@assay/pim-gpt/card';
import { card as pipette } from '@assay/pipette/card';
import { card as quantWhitepaper } from '@assay/quant-whitepaper/card';
import { card as quartet } from '@assay/quartet/card';
import { card as sail } from '@assay/sail/card';
import { card as splitwise } from '@assay/splitwise/card';
import { card as superpipeline } from '@assay/superpipeline/card';
import { card as zayaAmd } from '@assay/zaya-amd/card';

export interface CatalogEntry {
	readonly card: Card;
	readonly load: () => Promise<System>;
}

export const catalog: readonly CatalogEntry[] = [
	{ card: bfpOutliers, load: async () => (await import('@assay/bfp-outliers')).default },
	{ card: daqModel, load: async () => (await import('@assay/daq-model')).default },
	{ card: deepOptimizerStates, load: async () => (await import('@assay/deep-optimizer-states')).default },
	{ card: draco, load: async () => (await import('@assay/draco')).default },
	{ card: fusemax, load: async () => (await import('@assay/fusemax')).default },
	{ card: fuyou, load: async () => (await import('@assay/fuyou')).default },
	{ card: nasaic, load: async () => (await import('@assay/nasaic')).default },
	{ card: pimGpt, load: async () => (await import('@assay/pim-gpt')).default },
	{ card: pipette, load: async () => (await import('@assay/pipette')).default },
	{ card: quantWhitepaper, load: async () => (await import('@assay/quant-whitepaper')).default },
	{ card: quartet, load: async () => (await import('@assay/quartet')).default },
	{ card: sail, load: async () => (await import('@assay/sail')).default },
	{ card: splitwise, load: async () => (await import('@assay/splitwise')).default },
	{ card: superpipeline, load: async () => (await import('@assay/superpipeline')).default },
	{ card: zayaAmd, load: async () => (await import('@assay/zaya-amd')).default },
];
