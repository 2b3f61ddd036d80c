/** Everything a simulation needs besides the cluster and the trace, as plain data that can travel to another thread. */
import { InputError } from '@assay/contract';
import type { Role } from './cluster-scheduler/cluster-scheduler.ts';
import { type PolicyName, policies } from './cluster-scheduler/policies.ts';
import type { BatchLimits } from './machine-scheduler.ts';
import { findMachineType, type MachineType, machineBytes, machineDollarsPerHour } from './machine-type.ts';
import { PhaseCurves, type PhaseProfile } from './performance/phase-curves.ts';
import type { ClusterMachine, SimulationSetup } from './simulate.ts';
import type { Objectives, Reference } from './slo.ts';
import type { TransferOptions } from './transfers.ts';

/** A machine type with its times for the served model. */
export interface ServingMachine extends MachineType {
	readonly profile: PhaseProfile;
	/** Where the times come from. */
	readonly profileSource: 'published medians' | 'profile file' | 'roofline estimate';
}

export interface Serving {
	readonly modelName: string;
	readonly weightBytes: number;
	readonly kvBytesPerToken: number;
	readonly machines: readonly ServingMachine[];
	/** Times of the uncontended reference machine (DGX-A100). */
	readonly referenceProfile: PhaseProfile;
	readonly tbtAtPromptLength: boolean;
	readonly objectives: Objectives;
	readonly limits: BatchLimits;
	readonly maxPendingPromptTokens: number;
	readonly transfer: TransferOptions;
	readonly seed: number;
}

/** A cluster: how many machines of which type, and who assigns requests to them. */
export interface ClusterPlan {
	readonly label: string;
	readonly promptType: string;
	readonly promptMachines: number;
	/** Undefined where nothing is split. */
	readonly tokenType: string | undefined;
	readonly tokenMachines: number;
	readonly policy: PolicyName;
}

export interface ClusterTotals {
	readonly machines: number;
	/** Power relative to one DGX-H100, as the paper's plots weigh it. */
	readonly relativePower: number;
	readonly serverWatts: number;
	readonly dollarsPerHour: number;
}

export function clusterTotals(serving: Pick<Serving, 'machines'>, plan: ClusterPlan): ClusterTotals {
	const totals = { machines: 0, relativePower: 0, serverWatts: 0, dollarsPerHour: 0 };
	for (const { type, machines } of pools(plan)) {
		const found = findMachineType(type, serving.machines, ['cluster', 'promptType']);
		totals.machines += machines;
		totals.relativePower += machines * found.relativePower;
		totals.serverWatts += machines * found.serverWatts;
		totals.dollarsPerHour += machines * machineDollarsPerHour(found);
	}
	return totals;
}

function pools(plan: ClusterPlan): { readonly type: string; readonly machines: number; readonly role: Role }[] {
	if (!policies[plan.policy].splits) {
		const all: { type: string; machines: number; role: Role }[] = [
			{ type: plan.promptType, machines: plan.promptMachines, role: 'any' },
		];
		if (plan.tokenType !== undefined && plan.tokenMachines > 0) {
			all.push({ type: plan.tokenType, machines: plan.tokenMachines, role: 'any' });
		}
		return all;
	}
	return [
		{ type: plan.promptType, machines: plan.promptMachines, role: 'prompt' },
		{ type: plan.tokenType ?? plan.promptType, machines: plan.tokenMachines, role: 'token' },
	];
}

/** The simulation's setup for a cluster; raises an InputError where the model does not fit or a pool is empty. */
export function simulationSetup(serving: Serving, plan: ClusterPlan, maxPromptTokens: number): SimulationSetup {
	const machines: ClusterMachine[] = [];
	for (const pool of pools(plan)) {
		if (pool.machines < 1) {
			throw new InputError({
				path: ['cluster', pool.role === 'token' ? 'tokenMachines' : 'promptMachines'],
				found: '0 machines',
				expected: `at least 1: ${plan.policy} splits the phases over two pools`,
			});
		}
		const type = findMachineType(pool.type, serving.machines, ['cluster', pool.role === 'token' ? 'tokenType' : 'promptType']);
		const capacityBytes = machineBytes(type);
		if (serving.weightBytes >= capacityBytes) {
			throw new InputError({
				path: ['model'],
				found: `${serving.modelName} with ${serving.weightBytes} bytes of weights`,
				expected: `less than the ${capacityBytes} bytes of memory of a ${type.name}`,
			});
		}
		const curves = new PhaseCurves(type.profile, `profile of ${type.name}`);
		// A batch is a first prompt of any size, or what fits the token limit together.
		curves.requirePositive(Math.max(maxPromptTokens, serving.limits.maxBatchTokens), `profile of ${type.name}`);
		const machine: ClusterMachine = {
			role: pool.role,
			curves,
			capacityBytes,
			portBytesPerSecond: (type.portGigabitsPerSecond * 1e9) / 8,
		};
		for (let i = 0; i < pool.machines; i++) machines.push(machine);
	}
	return {
		machines,
		weightBytes: serving.weightBytes,
		kvBytesPerToken: serving.kvBytesPerToken,
		policy: plan.policy,
		limits: serving.limits,
		maxPendingPromptTokens: serving.maxPendingPromptTokens,
		transfer: serving.transfer,
		seed: serving.seed,
	};
}

export function referenceOf(serving: Serving, maxPromptTokens: number): Reference {
	const curves = new PhaseCurves(serving.referenceProfile, 'profile of the reference machine');
	curves.requirePositive(maxPromptTokens, 'profile of the reference machine');
	return { curves, tbtAtPromptLength: serving.tbtAtPromptLength };
}
