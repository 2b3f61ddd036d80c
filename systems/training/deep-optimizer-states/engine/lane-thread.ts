/** A lane's thread: does what it is given, one piece after the other, and tells when. */
import { parentPort, workerData } from 'node:worker_threads';
import { instantiateKernels } from '@assay/learning';
import type { Copy, LaneReport, LaneSetup, LaneWork } from './lane-work.ts';
import type { Tier } from './state-layout.ts';

/** A copy sleeps after each piece for as long as the link would take longer than memory. */
const PIECE_BYTES = 1 << 18;

const setup: LaneSetup = workerData;
const kernels = {
	host: instantiateKernels(setup.module, setup.host),
	device: instantiateKernels(setup.module, setup.device),
};
const bytesOf: Record<Tier, Uint8Array> = {
	host: new Uint8Array(setup.host.buffer),
	device: new Uint8Array(setup.device.buffer),
};
const bell = new Int32Array(new SharedArrayBuffer(4));

const seconds = (): number => Number(process.hrtime.bigint()) / 1e9;

parentPort?.on('message', (work: LaneWork) => {
	const startSeconds = seconds();
	const { update, convert } = work;
	if (update !== undefined) {
		const { weights, momentum, variance } = update.state;
		kernels[update.tier].adam(weights, momentum, variance, update.gradient, update.size, ...update.scalars);
	}
	if (convert !== undefined) kernels[convert.tier].float32ToBfloat16(convert.source, convert.target, convert.size);
	for (const copy of work.copies) copyOverLink(copy);
	const report: LaneReport = { job: work.job, startSeconds, endSeconds: seconds() };
	parentPort?.postMessage(report);
});

function copyOverLink({ from, source, target, bytes }: Copy): void {
	const [read, write] = from === 'host' ? [bytesOf.host, bytesOf.device] : [bytesOf.device, bytesOf.host];
	const began = seconds();
	for (let done = 0; done < bytes; done += PIECE_BYTES) {
		const end = Math.min(bytes, done + PIECE_BYTES);
		write.set(read.subarray(source + done, source + end), target + done);
		const early = end / setup.linkBytesPerSecond - (seconds() - began);
		if (early > 0) Atomics.wait(bell, 0, 0, early * 1000);
	}
}
