/** The list of systems: cards are plain facts and loaded at once, code is loaded when a system is used. */
import type { Card, System } from '@assay/contract';
import { card as daqModel } from '@assay/daq-model/card';
import { card as splitwise } from '@assay/splitwise/card';

export interface CatalogEntry {
	readonly card: Card;
	readonly load: () => Promise<System>;
}

export const catalog: readonly CatalogEntry[] = [
	{ card: daqModel, load: async () => (await import('@assay/daq-model')).default },
	{ card: splitwise, load: async () => (await import('@assay/splitwise')).default },
];
