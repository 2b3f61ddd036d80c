/** Machines and models that several tests use. Nothing here is part of the system. */
import { paperAsic } from './hardware/asic.ts';
import { describeHardware, type Hardware, standardMemory } from './hardware/hardware.ts';
import { timingPresets } from './hardware/timing.ts';

export function machine(preset: 'paper' | 'aim', refresh = true): Hardware {
	return describeHardware(standardMemory, timingPresets[preset], paperAsic, { pins: 16, gigabitsPerSecondPerPin: 16 }, refresh);
}

export const anyPreset = ['paper', 'aim'] as const;
