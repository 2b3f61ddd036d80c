import type { Device } from '../device.ts';
import { acceleratorDevices } from './accelerators.ts';
import { amdDevices } from './amd.ts';
import { appleDevices } from './apple.ts';
import { cpuDevices } from './cpus.ts';
import { fpgaDevices } from './fpgas.ts';
import { googleDevices } from './google.ts';
import { memoryDevices } from './memories.ts';
import { nvidiaDevices } from './nvidia.ts';

/** Every known device. */
export const knownDevices: readonly Device[] = [
	...nvidiaDevices,
	...amdDevices,
	...googleDevices,
	...acceleratorDevices,
	...appleDevices,
	...cpuDevices,
	...memoryDevices,
	...fpgaDevices,
];
