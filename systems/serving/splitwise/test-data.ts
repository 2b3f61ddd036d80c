/** Where the tests find the published data, and what they share. Nothing here is part of the system. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { memoryFile, type RunContext } from '@assay/contract';
import type { Role } from './cluster-scheduler/cluster-scheduler.ts';
import type { PolicyName } from './cluster-scheduler/policies.ts';
import { machineBytes, publishedMachineTypes } from './machine-type.ts';
import { PhaseCurves } from './performance/phase-curves.ts';
import { publishedProfile } from './performance/published-profiles.ts';
import type { Serving } from './serving.ts';
import type { ClusterMachine, SimulationSetup } from './simulate.ts';
import { publishedObjectives } from './slo.ts';
import { readTrace } from './trace/read-trace.ts';
import type { RequestTrace } from './trace/request-trace.ts';

const folder = process.env['ASSAY_DATA'] === undefined ? undefined : join(process.env['ASSAY_DATA'], 'splitwise');

/** Why tests against published data are skipped; undefined where they are not. */
export const dataMissing = folder !== undefined && existsSync(folder) ? undefined : 'needs ASSAY_DATA with the folder splitwise';

export const pause = async (): Promise<void> => undefined;

export async function dataText(name: string): Promise<string> {
	return readFile(join(folder ?? '', name), 'utf8');
}

export async function dataTrace(name: string): Promise<RequestTrace> {
	return readTrace(memoryFile(name, await dataText(name)), { maxRequests: 1e6, pause, warn: () => undefined });
}

/** Opens the three sources from the data folder. */
export const openData: RunContext['open'] = async (reference) => {
	const names: Record<string, string> = {
		'azure-llm-2023-code': 'AzureLLMInferenceTrace_code.csv',
		'azure-llm-2023-conversation': 'AzureLLMInferenceTrace_conv.csv',
		'llm-phase-profiles-dgx': 'perf_model.csv',
	};
	return memoryFile(reference, await dataText(names[reference] ?? reference));
};

/** Rows of a golden file as numbers, by column name. */
export async function goldenRows(name: string): Promise<Map<string, number>[]> {
	const [header, ...lines] = (await dataText(name)).trim().split('\n');
	const columns = header?.split(',') ?? [];
	return lines.map((line) => new Map(line.split(',').map((value, i) => [columns[i] ?? '', Number(value)])));
}

type Pool = readonly [count: number, type: 'dgx-a100' | 'dgx-h100' | 'dgx-h100-pcap', role: Role];

/** BLOOM-176B as the published simulator serves it. */
export function bloomSetup(pools: readonly Pool[], policy: PolicyName): SimulationSetup {
	const machines = pools.flatMap(([count, name, role]): ClusterMachine[] => {
		const type = publishedMachineTypes.find((one) => one.name === name);
		const profile = type && publishedProfile('bloom-176b', type.hardware);
		if (type === undefined || profile === undefined) throw new Error(`no ${name}`);
		const machine = { role, curves: new PhaseCurves(profile, name), capacityBytes: machineBytes(type), portBytesPerSecond: 50e9 };
		return Array.from({ length: count }, () => machine);
	});
	return {
		machines,
		weightBytes: 329e9,
		kvBytesPerToken: 4_014_080,
		policy,
		limits: { maxBatchSize: 512, maxBatchTokens: 2048, maxPreemptions: 4 },
		maxPendingPromptTokens: 8192,
		transfer: { network: 'ideal', bytesPerSecond: 200 * 1024 ** 3, hiddenShare: 0 },
		seed: 0,
	};
}

/** The same as a serving description. */
export function bloomServing(): Serving {
	const { limits, maxPendingPromptTokens, transfer, weightBytes, kvBytesPerToken, seed } = bloomSetup([], 'token-jsq');
	const machines = publishedMachineTypes.map((type) => {
		const profile = publishedProfile('bloom-176b', type.hardware);
		if (profile === undefined) throw new Error(`no profile for ${type.name}`);
		return { ...type, profile, profileSource: 'published medians' as const };
	});
	const reference = machines[0]?.profile;
	if (reference === undefined) throw new Error('no machines');
	return {
		modelName: 'bloom-176b',
		weightBytes,
		kvBytesPerToken,
		machines,
		referenceProfile: reference,
		tbtAtPromptLength: true,
		objectives: publishedObjectives,
		limits,
		maxPendingPromptTokens,
		transfer,
		seed,
	};
}

/** A trace from (arrival, prompt, output) rows. */
export function traceOf(rows: readonly (readonly [number, number, number])[]): RequestTrace {
	return {
		arrivalSeconds: Float64Array.from(rows, ([seconds]) => seconds),
		promptTokens: Int32Array.from(rows, ([, prompt]) => prompt),
		outputTokens: Int32Array.from(rows, ([, , output]) => output),
		identifiers: undefined,
	};
}
