/**
 * The CMS data acquisition system of LHC Run 3 and of Run 5, as published. Every number stands in a workbook of the
 * published code (github.com/wilkieolin/system_flow, commit dc62d1e, folder HEP); `cmsSource` names file, sheet and row.
 */
import type { Detector, Processor, SystemDescription } from './graph.ts';
import { defaultRoutingLatencyS } from './graph.ts';
import type { Polynomial } from './polynomial.ts';

export type CmsRun = 'run-3' | 'run-5';

/** What may be changed of the published system. */
export interface CmsConfiguration {
	readonly run: CmsRun;
	/** Proton collisions in one bunch crossing, 60 to 200; left out, the run's own. */
	readonly pileUp?: number | undefined;
	/** Events in for each event out of the level-1 trigger; left out, the run's own. */
	readonly l1tRatio?: number | undefined;
	/** High-level trigger on GPUs: half the operations. */
	readonly gpuHlt?: boolean | undefined;
	/** Tracks in the level-1 trigger: its relevant events score 0.40 higher. */
	readonly l1Tracks?: boolean | undefined;
	/** Compression in the inner tracker's pixels: 54 % fewer bytes. */
	readonly smartSensors?: boolean | undefined;
	/** Links of detectors and categories by micro-LED at 2 pJ/bit. */
	readonly microLed?: boolean | undefined;
}

interface CmsRunFacts {
	readonly pileUp: number;
	readonly l1tRatio: number;
	readonly technologyYear: number;
	readonly workbook: string;
}

/** Sheets Global (row 2, Year) and Processors (row 6, Reduction Ratio) of each workbook. */
export const cmsRuns: Readonly<Record<CmsRun, CmsRunFacts>> = {
	'run-3': { pileUp: 60, l1tRatio: 400, technologyYear: 2024, workbook: 'cms_system_60.xlsx' },
	'run-5': { pileUp: 200, l1tRatio: 53.3, technologyYear: 2032, workbook: 'cms_system_200.xlsx' },
};

/** Sheet Detectors, rows 2 to 20: category, detector, bytes at pile-up 60 (cms_system_60) and 200 (cms_system_200). */
const detectorRows = [
	['Tracking', 'Inner Tracker', 436666.66666666663, 1440000],
	['Tracking', 'Outer Tracker PS', 206666.66666666669, 720000],
	['Tracking', 'Outer Tracker 2S', 126666.66666666669, 430000],
	['Tracking', 'Track Finder TPG', 10000, 10000],
	['Timing', 'MIP Timing BTL', 76666.666666666657, 240000],
	['Timing', 'MIP Timing ETL', 136666.66666666669, 440000],
	['Calorimetry', 'ECAL Barrel', 180000, 600000],
	['Calorimetry', 'HCAL Barrel', 240000, 240000],
	['Calorimetry', 'HCAL HO', 30000, 30000],
	['Calorimetry', 'HCAL HF', 60000, 60000],
	['Calorimetry', 'HGCAL', 0, 3000000],
	['Calorimetry', 'HGCAL TPG Stage1', 0, 150000],
	['Calorimetry', 'HGCAL TPG Stage2', 0, 50000],
	['Muon', 'Muon DT', 56666.666666666672, 150000],
	['Muon', 'Muon CSC', 143333.33333333331, 470000],
	['Muon', 'Muon GEM GE1', 666.66666666666652, 3000],
	['Muon', 'Muon GEM GE2', 0, 2000],
	['Muon', 'Muon GEM ME0', 26666.666666666672, 120000],
	['Muon', 'Muon RPC', 10000, 10000],
] as const;

/** Sheet Detectors, columns Sample Rate, Link Efficiency: the same in every row; Compression and Op Efficiency are 0. */
const bunchCrossingRateHz = 40e6;
const detectorLinkJPerBit = 22.2e-12;

/** Sheet Processors, column Link Efficiency, every row. */
const processorLinkJPerBit = 25e-12;

/** Sheets Detectors and Processors of cms_system_200_smartpx_uled.xlsx, column Link Efficiency (category rows). */
const microLedLinkJPerBit = 2e-12;

/** Reduction of the inner tracker's bytes by smart pixels: cms_system_200_smartpx.xlsx, sheet Detectors, row 2 (662400 of 1440000 B). */
export const smartSensorReduction = 0.54;

/** Score that tracks add to relevant events in the level-1 trigger (results table notebook). */
export const l1TracksBoost = 0.4;

/** Level-1 trigger: one operation for each 2 MB (results table notebook). */
const l1tComplexity: Polynomial = [0, 1 / 2e6];

/**
 * High-level trigger: operations of a message, in wall time of a pile-up-60 event. Least-squares cubic through the origin
 * of the 34 rows of `wall time scaling.xlsx`, sheet Data, columns Size and Wall Time.
 */
export const hltComplexity: Polynomial = [0, 1.4117322019190103e-7, 1.8833137343187624e-13, 2.2274436774311336e-20];

const categories = ['Tracking', 'Timing', 'Calorimetry', 'Muon'] as const;

/** A configuration of the published system. */
export function cmsSystem(configuration: CmsConfiguration): SystemDescription {
	const run = cmsRuns[configuration.run];
	const pileUp = configuration.pileUp ?? run.pileUp;
	const share = (pileUp - cmsRuns['run-3'].pileUp) / (cmsRuns['run-5'].pileUp - cmsRuns['run-3'].pileUp);
	const detectors = detectorRows.map(([category, name, atRun3, atRun5], index): Detector => {
		const bytes = (1 - share) * atRun3 + share * atRun5;
		return {
			kind: 'detector',
			name,
			outputs: [category],
			dataBytes: configuration.smartSensors && name === 'Inner Tracker' ? bytes * (1 - smartSensorReduction) : bytes,
			sampleRateHz: bunchCrossingRateHz,
			compression: 0,
			linkEnergyJPerBit: configuration.microLed ? microLedLinkJPerBit : detectorLinkJPerBit,
			opEnergyJPerOp: 0,
			routingLatencyS: defaultRoutingLatencyS,
			place: [run.workbook, 'Detectors', `row ${index + 2}`],
			outputColumn: 'Category',
		};
	});
	const processors = [
		...categories.map((name) => ({
			name,
			output: 'Intermediate',
			link: configuration.microLed ? microLedLinkJPerBit : processorLinkJPerBit,
		})),
		{
			name: 'Intermediate',
			output: 'Global',
			dataBytes: 260000,
			reductionRatio: configuration.l1tRatio ?? run.l1tRatio,
			classifier: 'L1T',
			opEnergyJPerOp: 3e-3,
			skillBoost: configuration.l1Tracks ? l1TracksBoost : 0,
			complexity: l1tComplexity,
		},
		{
			name: 'Global',
			output: 'Disk',
			reductionRatio: 100,
			classifier: 'HLT',
			skillMean: 4,
			skillVariance: 1,
			opEnergyJPerOp: 16,
			complexity: configuration.gpuHlt ? hltComplexity.map((coefficient) => coefficient / 2) : hltComplexity,
		},
		{ name: 'Disk' },
	].map((row, index): Processor => processorOf(row, [run.workbook, 'Processors', `row ${index + 2}`]));
	return { detectors, processors, technologyYear: run.technologyYear, place: [run.workbook] };
}

interface ProcessorRow {
	readonly name: string;
	readonly output?: string;
	readonly link?: number;
	readonly dataBytes?: number;
	readonly reductionRatio?: number;
	readonly classifier?: string;
	readonly skillMean?: number;
	readonly skillVariance?: number;
	readonly skillBoost?: number;
	readonly opEnergyJPerOp?: number;
	readonly complexity?: Polynomial;
}

/** A row of sheet Processors; cells left out are 0, ratio 1, classifier Dummy. */
function processorOf(row: ProcessorRow, place: readonly string[]): Processor {
	return {
		kind: 'processor',
		name: row.name,
		outputs: row.output === undefined ? [] : [row.output],
		dataBytes: row.dataBytes ?? 0,
		compression: 0,
		linkEnergyJPerBit: row.link ?? processorLinkJPerBit,
		opEnergyJPerOp: row.opEnergyJPerOp ?? 0,
		routingLatencyS: defaultRoutingLatencyS,
		complexity: row.complexity,
		reductionRatio: row.reductionRatio ?? 1,
		classifier: row.classifier ?? 'Dummy',
		skillMean: row.skillMean ?? 0,
		skillVariance: row.skillVariance ?? 0,
		skillBoost: row.skillBoost ?? 0,
		place,
		outputColumn: 'Output',
	};
}
