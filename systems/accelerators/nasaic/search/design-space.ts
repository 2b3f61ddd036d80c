/** Everything the controller decides: each task's network, then dataflow, elements and bandwidth of each sub-accelerator. */
import type { Random } from '@assay/contract';
import type { Mask } from '../controller/policy.ts';
import type { SubAccelerator } from '../cost/layer-cost.ts';
import type { Mapping } from '../cost/mapping.ts';
import type { Task } from './task.ts';

export const ELEMENT_STEP = 32;
export const BANDWIDTH_STEP = 8;

/** Whether sub-accelerators may differ in dataflow. */
export type Organisation = 'heterogeneous' | 'homogeneous';

export interface DesignSpace {
	readonly tasks: readonly Task[];
	readonly mappings: readonly Mapping[];
	readonly accelerators: number;
	readonly organisation: Organisation;
	/** Elements and elements a cycle of all sub-accelerators together. */
	readonly mostElements: number;
	readonly mostBandwidth: number;
	/** Options of each decision, in order. */
	readonly sizes: readonly number[];
	/** Decisions that are about networks; those about hardware follow. */
	readonly networkDecisions: number;
	/** What limits leave of a decision's options. */
	readonly mask: Mask;
}

export function createDesignSpace(options: Omit<DesignSpace, 'sizes' | 'networkDecisions' | 'mask'>): DesignSpace {
	const { tasks, mappings, accelerators, organisation, mostElements, mostBandwidth } = options;
	const ofNetworks = tasks.flatMap(({ decisions }) => decisions.map((decision) => decision.options.length));
	const elementOptions = Math.floor(mostElements / ELEMENT_STEP) + 1;
	const bandwidthOptions = Math.floor(mostBandwidth / BANDWIDTH_STEP);
	const ofHardware = Array.from({ length: accelerators }, () => [mappings.length, elementOptions, bandwidthOptions]).flat();
	const first = ofNetworks.length;
	const mask: Mask = (t, chosen, allowed) => {
		if (t < first || (t - first) % 3 === 0) {
			allowed.fill(1);
			if (t > first && organisation === 'homogeneous')
				for (let i = 0; i < allowed.length; i++) allowed[i] = i === chosen[first] ? 1 : 0;
			return;
		}
		const own = Math.floor((t - first) / 3);
		let elements = 0;
		let bandwidth = 0;
		for (let j = 0; j < own; j++) {
			const at = first + 3 * j;
			elements += chosen[at + 1] as number;
			// Without elements there is no accelerator and no bandwidth.
			if ((chosen[at + 1] as number) > 0) bandwidth += (chosen[at + 2] as number) + 1;
		}
		if ((t - first) % 3 === 1) {
			const isLast = own === accelerators - 1;
			const least = isLast && elements === 0 ? 1 : 0;
			// Each sub-accelerator must find a step of bandwidth.
			for (let i = 0; i < allowed.length; i++) allowed[i] = i >= least && i + elements < elementOptions ? 1 : 0;
			return;
		}
		const isAbsent = (chosen[t - 1] as number) === 0;
		const left = bandwidthOptions - bandwidth - (accelerators - 1 - own);
		for (let i = 0; i < allowed.length; i++) allowed[i] = i === 0 || (!isAbsent && i < left) ? 1 : 0;
	};
	return { ...options, sizes: [...ofNetworks, ...ofHardware], networkDecisions: first, mask };
}

/** The chip that some decisions make, sub-accelerators without elements left out. */
export function chipOf(space: DesignSpace, chosen: ArrayLike<number>): SubAccelerator[] {
	const chip: SubAccelerator[] = [];
	for (let j = 0; j < space.accelerators; j++) {
		const at = space.networkDecisions + 3 * j;
		const elements = ELEMENT_STEP * (chosen[at + 1] as number);
		if (elements === 0) continue;
		const mapping = space.mappings[chosen[at] as number] as Mapping;
		chip.push({ mapping, elements, bandwidth: BANDWIDTH_STEP * ((chosen[at + 2] as number) + 1) });
	}
	return chip;
}

/** Options of each task's decisions. */
export function networkOptions(space: DesignSpace, chosen: Int32Array): Int32Array[] {
	let at = 0;
	return space.tasks.map(({ decisions }) => {
		const own = chosen.subarray(at, at + decisions.length);
		at += decisions.length;
		return own;
	});
}

/** Decisions drawn evenly among what is allowed, from decision `from` on. */
export function drawEvenly(space: DesignSpace, random: Random, chosen: Int32Array, from = 0): void {
	for (let t = from; t < space.sizes.length; t++) {
		const allowed = new Uint8Array(space.sizes[t] as number);
		space.mask(t, chosen, allowed);
		const open = allowed.reduce((sum, is) => sum + is, 0);
		let left = random.integer(open);
		for (let option = 0; option < allowed.length; option++) {
			if (allowed[option] === 0) continue;
			if (left-- === 0) {
				chosen[t] = option;
				break;
			}
		}
	}
}
