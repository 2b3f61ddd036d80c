/**
 * Where the engine keeps what, in two memories that stand for host and GPU. Host: fp32 weights, momentum, variance and gradients of the
 * offloaded sub-groups, and k-1 buffers of 16-bit weights. Device, of a fixed size: 16-bit weights of everything, gradients and
 * state of what lives there, gradients of what comes there, and one slot for the state of a sub-group.
 */
import type { UpdatePlan } from '../update/update-plan.ts';

/** Byte addresses of a sub-group's arrays in one memory. */
export interface StateAddresses {
	readonly weights: number;
	readonly momentum: number;
	readonly variance: number;
}

export interface StateLayout {
	readonly hostBytes: number;
	readonly deviceBytes: number;
	/** Host state of a sub-group; null for residents. */
	readonly hostState: readonly (StateAddresses | null)[];
	/** Gradient of a sub-group, and the memory it is in. */
	readonly gradient: readonly { readonly tier: Tier; readonly address: number }[];
	/** State on the device: a resident's own, or the slot. */
	readonly deviceState: readonly StateAddresses[];
	/** 16-bit weights on the device. */
	readonly halves: readonly number[];
	/** 16-bit buffers on the host. */
	readonly buffers: readonly number[];
}

/** The two memories. */
export type Tier = 'host' | 'device';

const ALIGNMENT = 64;

export function layOutState({ sizes, places, stride }: UpdatePlan): StateLayout {
	const host = new Region();
	const device = new Region();
	const offloaded = sizes.filter((_, group) => places[group] !== 'resident');
	const largest = Math.max(0, ...offloaded);
	const buffers = Array.from({ length: stride === null ? 1 : stride - 1 }, () => host.take(2 * largest));
	const slot = stride === null || offloaded.length === 0 ? null : stateIn(device, largest);
	const hostState: (StateAddresses | null)[] = [];
	const gradient: { tier: Tier; address: number }[] = [];
	const deviceState: StateAddresses[] = [];
	const halves: number[] = [];
	for (const [group, place] of places.entries()) {
		const size = sizes[group] as number;
		const isResident = place === 'resident';
		hostState.push(isResident ? null : stateIn(host, size));
		deviceState.push(isResident ? stateIn(device, size) : (slot ?? { weights: 0, momentum: 0, variance: 0 }));
		const tier = isResident || place === 'gpu' ? 'device' : 'host';
		gradient.push({ tier, address: (tier === 'host' ? host : device).take(4 * size) });
		halves.push(device.take(2 * size));
	}
	return { hostBytes: host.used, deviceBytes: device.used, hostState, gradient, deviceState, halves, buffers };
}

function stateIn(region: Region, size: number): StateAddresses {
	return { weights: region.take(4 * size), momentum: region.take(4 * size), variance: region.take(4 * size) };
}

class Region {
	used = 0;

	take(bytes: number): number {
		const start = Math.ceil(this.used / ALIGNMENT) * ALIGNMENT;
		this.used = start + bytes;
		return start;
	}
}
