/** What a plan says in words. */
import type { Cluster } from '@assay/machines';
import type { TransformerModel } from '@assay/models';
import type { Inputs } from '../inputs.ts';
import type { Planned } from '../outputs.ts';

export const gigabytes = (bytes: number): string => `${Number((bytes / 1e9).toPrecision(3)).toLocaleString('en-US')} GB`;
export const percent = (share: number): string => `${(100 * share).toFixed(share > -0.1 && share < 0.1 ? 1 : 0)} %`;

export function duration(seconds: number): string {
	if (seconds >= 1) return `${seconds.toPrecision(3)} s`;
	return seconds >= 1e-3 ? `${(1e3 * seconds).toPrecision(3)} ms` : `${(1e6 * seconds).toPrecision(3)} µs`;
}

const PASS = { prompt: 'a prompt pass', generate: 'a token', train: 'a training step' } as const;

export function answerOf(planned: Planned): string {
	const { chosen, model, machine, use, resident } = planned;
	const what = `${model} on ${machine}`;
	if (chosen.policy === 'resident')
		return `${what}: it fits in ${gigabytes(chosen.totalBytes)}, so nothing need be streamed; ${PASS[use]} takes ${duration(chosen.passSeconds)}.`;
	const time = `${PASS[use]} takes ${duration(chosen.passSeconds)}, ${chosen.slowdown.toFixed(2)} times the resident ${duration(resident.passSeconds)}`;
	return `${what}: ${chosen.label} takes ${gigabytes(chosen.totalBytes)} instead of ${gigabytes(resident.totalBytes)} (${percent(chosen.weightsSaved)} of the weights saved); ${time}.`;
}

export function notesOf(planned: Planned, model: TransformerModel, cluster: Cluster, inputs: Inputs): string[] {
	const { chosen, resident, bestWindow, bestRing } = planned;
	const notes: string[] = [];
	if (!planned.linkKnown) notes.push('Nothing is known of the link to the host; 25 GB/s are assumed.');
	if (cluster.nodes * cluster.devicesPerNode > 1)
		notes.push(`One device of ${cluster.name} is planned; the others are left alone.`);
	if (planned.hostHas !== null && planned.hostBytes > planned.hostHas)
		notes.push(`The host must hold ${gigabytes(planned.hostBytes)} and has ${gigabytes(planned.hostHas)}.`);
	if (model.experts !== null)
		notes.push('Whole layers travel, experts that no token visits included; layers are taken as equal.');
	notes.push(transferNote(planned));
	if (chosen.policy !== 'resident' && chosen.activationBytes > chosen.weightBytes)
		notes.push(
			`Activations, keys and values take ${gigabytes(chosen.activationBytes)}, more than the weights on the device: a window makes none of them fewer.`,
		);
	if (inputs.work.use === 'generate' && chosen.policy !== 'resident' && chosen.waitInSeconds > chosen.computeSeconds)
		notes.push(
			`${(planned.passTokens / chosen.passSeconds).toPrecision(3)} tokens/s: a token reads every weight once, so what streams comes over the link for every token. Larger batches share it.`,
		);
	if (bestWindow !== null && bestRing !== null && bestRing.passSeconds < bestWindow.passSeconds * 0.995)
		notes.push(
			`In the same memory the window alone takes ${duration(bestWindow.passSeconds)}: it brings every unit in each pass, pins with a ring only those that do not fit.`,
		);
	if (inputs.work.use === 'train' && inputs.schedule.writeback === 'copy')
		notes.push('Copying back applies to inference; in training gradients or new weights go out.');
	if (resident.totalBytes > planned.deviceBytes)
		notes.push(`Resident it would take ${gigabytes(resident.totalBytes)}; the device has ${gigabytes(planned.deviceBytes)}.`);
	return notes;
}

function transferNote({ chosen, resident, smallest, use }: Planned): string {
	if (chosen.policy === 'resident') {
		if (smallest.policy === 'resident') return 'Every window would make it slower.';
		return `If the memory is wanted for something else: ${smallest.label} takes ${gigabytes(smallest.totalBytes)} and ${duration(smallest.passSeconds)}.`;
	}
	const waiting = chosen.waitInSeconds + chosen.waitOutSeconds;
	if (waiting <= 0.02 * resident.passSeconds)
		return 'Transfers are hidden behind computing: more slots would not make it faster.';
	if (use === 'train' && chosen.waitOutSeconds > chosen.waitInSeconds)
		return `${duration(chosen.waitOutSeconds)} of each step is waiting for the host to update weights. A faster host, a larger batch or the optimizer on the device would help; more slots would not.`;
	return `Transfers are not hidden: ${duration(waiting)} of each pass is waiting. Only more pinned units, a faster link or more computing for each byte would help.`;
}
