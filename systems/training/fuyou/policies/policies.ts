/** The known systems as policies. A new one is an entry here. */
import type { Policy, PolicyName } from './policy.ts';

export const policies: Readonly<Record<PolicyName, Policy>> = {
	'all-gpu': {
		name: 'all-gpu',
		title: 'All on the GPU',
		says: 'Nothing is offloaded; every activation is kept.',
		place: { weights: 'gpu', gradients: 'gpu', state: 'gpu', activations: 'gpu' },
		swap: 'everything',
		optimizer: 'gpu-after-backward',
	},
	'zero-offload': {
		name: 'zero-offload',
		title: 'ZeRO-Offload',
		says: 'Weights on the GPU, optimizer state in host memory, the optimizer on the processor after backward.',
		place: { weights: 'gpu', gradients: 'host', state: 'host', activations: 'gpu' },
		swap: 'nothing',
		optimizer: 'processor-after-backward',
	},
	'zero-offload-delayed': {
		name: 'zero-offload-delayed',
		title: 'ZeRO-Offload, one step late',
		says: 'As ZeRO-Offload, with the optimizer working during the next step, on gradients of the step before.',
		place: { weights: 'gpu', gradients: 'host', state: 'host', activations: 'gpu' },
		swap: 'nothing',
		optimizer: 'one-step-late',
	},
	'zero-infinity': {
		name: 'zero-infinity',
		title: 'ZeRO-Infinity',
		says: 'Weights and state on drives, gradients and checkpoints in host memory, the optimizer on the processor after backward.',
		place: { weights: 'drives', gradients: 'host', state: 'drives', activations: 'host' },
		swap: 'nothing',
		optimizer: 'processor-after-backward',
	},
	g10: {
		name: 'g10',
		title: 'G10-like',
		says: 'One memory of host and drives behind the GPU: every activation is swapped, nothing computed again, the optimizer on the GPU.',
		place: { weights: 'drives', gradients: 'host', state: 'drives', activations: 'host-then-drives' },
		swap: 'everything',
		optimizer: 'gpu-after-backward',
	},
	'flash-neuron': {
		name: 'flash-neuron',
		title: 'FlashNeuron',
		says: 'Weights and state on the GPU, every activation swapped to the drives.',
		place: { weights: 'gpu', gradients: 'gpu', state: 'gpu', activations: 'drives' },
		swap: 'everything',
		optimizer: 'gpu-after-backward',
	},
	fuyou: {
		name: 'fuyou',
		title: 'Fuyou',
		says: 'Weights and state on drives, the optimizer on the processor inside backward, and as many activations swapped as pay off.',
		place: { weights: 'drives', gradients: 'host', state: 'drives', activations: 'host-then-drives' },
		swap: 'chosen',
		optimizer: 'inside-backward',
	},
};

export const allPolicies: readonly Policy[] = Object.values(policies);
