/** The nine configurations of the published results table, in its order. */
import type { CmsConfiguration } from './cms.ts';

export interface NamedConfiguration extends CmsConfiguration {
	readonly name: string;
	readonly gpuHlt: boolean;
	readonly l1Tracks: boolean;
	readonly smartSensors: boolean;
}

const upgrades = (gpuHlt: boolean, l1Tracks: boolean, smartSensors: boolean) => ({ gpuHlt, l1Tracks, smartSensors });

export const publishedConfigurations: readonly NamedConfiguration[] = [
	{ name: 'Run 3', run: 'run-3', ...upgrades(false, false, false) },
	{ name: 'Run 5', run: 'run-5', ...upgrades(false, false, false) },
	{ name: 'Run 5 + GPU', run: 'run-5', ...upgrades(true, false, false) },
	{ name: 'Run 5 + L1 tracks', run: 'run-5', ...upgrades(false, true, false) },
	{ name: 'Run 5 + smart sensors', run: 'run-5', ...upgrades(false, false, true) },
	{ name: 'Run 5 + GPU + L1 tracks', run: 'run-5', ...upgrades(true, true, false) },
	{ name: 'Run 5 + L1 tracks + smart sensors', run: 'run-5', ...upgrades(false, true, true) },
	{ name: 'Run 5 + GPU + smart sensors', run: 'run-5', ...upgrades(true, false, true) },
	{ name: 'Run 5 + all three', run: 'run-5', ...upgrades(true, true, true) },
];

/** Year whose technology the published table scales every row to, Run 3 included. */
export const publishedTechnologyYear = 2032;
