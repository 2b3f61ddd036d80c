/** The time of a trace on our channels. */
import type { Hardware } from '../hardware/hardware.ts';
import { BURST_BYTES } from '../hardware/timing.ts';
import { type ChannelOptions, ChannelTimeline } from '../simulation/channel.ts';
import type { TraceInstruction } from './parse-trace.ts';

export interface Replay {
	readonly channels: readonly ChannelTimeline[];
	readonly cycles: number;
}

/** Runs instructions in their order in each channel; barriers hold all channels. Gives way every few thousand instructions. */
export async function replayTrace(
	instructions: readonly TraceInstruction[],
	hardware: Hardware,
	pause: () => Promise<void>,
	options: (channel: number) => ChannelOptions = () => ({}),
): Promise<Replay> {
	const { memory } = hardware;
	const wordsPerBurst = BURST_BYTES / memory.bytesPerWord;
	const channels = Array.from(
		{ length: memory.channels },
		(_, track) => new ChannelTimeline(hardware, { track, ...options(track) }),
	);
	const end = (): number => channels.reduce((latest, channel) => Math.max(latest, channel.finish()), 0);
	for (const channel of channels) channel.start(0);
	for (const [position, instruction] of instructions.entries()) {
		if (position % 4096 === 4095) await pause();
		if (instruction.kind === 'outside') continue;
		if (instruction.kind === 'wait') {
			const cycle = end();
			for (const channel of channels) channel.start(cycle);
			continue;
		}
		for (let number = 0; number < Math.min(32, channels.length); number++) {
			if (((instruction.channels >>> number) & 1) === 0) continue;
			const channel = channels[number] as ChannelTimeline;
			switch (instruction.kind) {
				case 'write buffer':
					channel.loadVector(0, instruction.bursts * wordsPerBurst);
					break;
				case 'write results':
					channel.loadVector(0, wordsPerBurst);
					break;
				case 'multiply':
					channel.multiply(instruction.row, 0, instruction.columns, 0);
					break;
				case 'read results':
					channel.readRegisters(1);
					break;
				case 'read bank':
					channel.readBank(instruction.bank, instruction.row, 0, wordsPerBurst);
					break;
				case 'write all banks':
					channel.writeAllBanks(instruction.row, 0);
					break;
				case 'write bank':
					channel.writeBank(instruction.bank, instruction.row, 0, wordsPerBurst);
					break;
			}
		}
	}
	return { channels, cycles: end() };
}
