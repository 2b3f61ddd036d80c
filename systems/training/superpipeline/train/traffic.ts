/** What a training iteration moves between host and device, in units. */

export interface UnitTraffic {
	readonly unitsIn: number;
	readonly unitsOut: number;
}

/**
 * N units, k of them on the device. Forward brings N - k and ends with the last k there; backward starts with those and brings N - k
 * back. With the optimizer on the host every unit's gradient goes out, and the k units that stayed are old and come again; with the
 * optimizer on the device every unit's new weights go out, so that the host's copy is never old, and nothing comes again.
 */
export function trainingTraffic(units: number, window: number, optimizer: 'host' | 'device'): UnitTraffic {
	return { unitsIn: 2 * (units - window) + (optimizer === 'host' ? window : 0), unitsOut: units };
}
