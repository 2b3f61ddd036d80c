/** Whether a policy's data fit into GPU memory, host memory and drives, and what is in the way where they do not. */

import { type Buffers, bufferBytes, fitBuffers, smallestBuffers } from './buffers.ts';
import { activationsOnDrives } from './iteration-time.ts';
import { HALF } from './layer-widths.ts';
import type { Policy } from './policies/policy.ts';
import { type Resources, standardShares } from './resources.ts';
import type { Kept } from './swap-items.ts';
import type { Workload } from './workload.ts';

export const tiers = ['GPU memory', 'host memory', 'drives'] as const;
export type Tier = (typeof tiers)[number];

/** What one tier holds, class by class, and how much it could. */
export interface TierUse {
	readonly tier: Tier;
	readonly bytes: number;
	readonly capacityBytes: number;
	/** Largest first. */
	readonly parts: readonly { readonly what: string; readonly bytes: number }[];
}

export interface Fit {
	readonly fits: boolean;
	/** The first tier that overflows; null where all fit. */
	readonly binding: Tier | null;
	readonly tiers: readonly TierUse[];
	/** Host buffers that the policy gets; null where it needs none or not even the smallest fit. */
	readonly buffers: Buffers | null;
}

/**
 * - GPU: weights that stay, or two layers of them (one computing, one coming) and one layer's gradients; state and gradients
 *   that stay; activations that stay; embeddings and head; the live set of half a layer. Logits are assumed to be computed in pieces.
 * - Host: what stays there, pinned buffers for what passes through, and a reserve for the system.
 * - Drives: what stays there.
 */
export function fit(policy: Policy, workload: Workload, resources: Resources, kept: Kept): Fit {
	const { place } = policy;
	const { parameters, trainedParameters, optimizer, layers } = workload;
	const weights = HALF * parameters;
	const gradients = HALF * trainedParameters;
	const state = optimizer.stateBytes * trainedParameters;
	const onDrives = activationsOnDrives(policy, resources, kept.bytes);
	const layerShare = kept.bytes / layers;

	const gpu = tierUse('GPU memory', resources.gpuMemoryBytes, [
		place.weights === 'gpu' ? ['weights', weights] : ['two layers of weights', HALF * 2 * workload.largestLayerParameters],
		place.weights === 'gpu' ? ['', 0] : ['embeddings and head', HALF * workload.embeddingParameters],
		place.gradients === 'gpu'
			? ['gradients', gradients]
			: ['gradients of a layer', HALF * Math.min(workload.largestLayerParameters, trainedParameters)],
		['optimizer state', place.state === 'gpu' ? state : 0],
		['activations', place.activations === 'gpu' ? kept.bytes : 0],
		['live set of half a layer', workload.workingSetBytes],
	]);

	const throughHost = place.weights === 'drives' || place.state === 'drives' || onDrives > 0;
	const fixed: [string, number][] = [
		['system and program', standardShares.hostReserveBytes],
		['weights', place.weights === 'host' ? weights : 0],
		['gradients', place.gradients === 'host' && policy.optimizer !== 'inside-backward' ? gradients : 0],
		['optimizer state', place.state === 'host' ? state : 0],
		['activations', place.activations === 'gpu' ? 0 : kept.bytes - onDrives],
	];
	const taken = fixed.reduce((sum, [, bytes]) => sum + bytes, 0);
	const buffers = throughHost ? (fitBuffers(workload, layerShare, resources.hostMemoryBytes - taken) ?? null) : null;
	const host = tierUse('host memory', resources.hostMemoryBytes, [
		...fixed,
		['buffers', throughHost ? bufferBytes(buffers ?? smallestBuffers, workload, layerShare) : 0],
	]);
	const drives = tierUse('drives', resources.drives * resources.driveBytes, [
		['weights', place.weights === 'drives' ? weights : 0],
		['optimizer state', place.state === 'drives' ? state : 0],
		['activations', onDrives],
	]);
	const all = [gpu, host, drives];
	const binding = all.find(({ bytes, capacityBytes }) => bytes > capacityBytes)?.tier ?? null;
	return { fits: binding === null, binding, tiers: all, buffers };
}

function tierUse(tier: Tier, capacityBytes: number, parts: readonly (readonly [what: string, bytes: number])[]): TierUse {
	const present = parts.filter(([, bytes]) => bytes > 0).map(([what, bytes]) => ({ what, bytes }));
	return {
		tier,
		bytes: present.reduce((sum, part) => sum + part.bytes, 0),
		capacityBytes,
		parts: present.sort((a, b) => b.bytes - a.bytes),
	};
}
