/**
 * A lane's thread: does a step's jobs one after the other and tells when. It waits for other lanes' jobs in shared memory, since a
 * message by way of the main thread would take a third of a millisecond for each.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { instantiateKernels } from '@assay/learning';
import type { Copy, LaneOrder, LaneReport, LaneSetup, LaneWork } from './lane-work.ts';
import type { Tier } from './state-layout.ts';

/** A copy sleeps after each piece for as long as the link would take longer than memory. */
const PIECE_BYTES = 1 << 18;
/** Sleepers wake late. A copy that follows another within this time counts from when the link was free, so that lateness does not add up. */
const LATEST_WAKE_SECONDS = 1e-3;

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

parentPort?.on('message', ({ step, work }: LaneOrder) => {
	parentPort?.postMessage(work.map((one) => doJob(one, step)));
});

function doJob({ job, after, update, convert, copies }: LaneWork, step: number): LaneReport {
	for (const earlier of after) waitFor(earlier, step);
	const startSeconds = seconds();
	if (update !== undefined) {
		const { weights, momentum, variance } = update.state;
		kernels[update.tier].adam(weights, momentum, variance, update.gradient, update.size, ...update.scalars);
	}
	if (convert !== undefined) kernels[convert.tier].float32ToBfloat16(convert.source, convert.target, convert.size);
	for (const copy of copies) copyOverLink(copy);
	const endSeconds = seconds();
	Atomics.store(setup.done, job, step);
	Atomics.notify(setup.done, job);
	return { job, startSeconds, endSeconds };
}

/** Sleeps until a job is done in a step. */
function waitFor(job: number, step: number): void {
	for (;;) {
		const last = Atomics.load(setup.done, job);
		if (last === step) return;
		Atomics.wait(setup.done, job, last);
	}
}

let linkFreeSeconds = Number.NEGATIVE_INFINITY;

function copyOverLink({ from, source, target, bytes }: Copy): void {
	const [read, write] = from === 'host' ? [bytesOf.host, bytesOf.device] : [bytesOf.device, bytesOf.host];
	const now = seconds();
	const began = now - linkFreeSeconds < LATEST_WAKE_SECONDS ? linkFreeSeconds : now;
	linkFreeSeconds = began + bytes / setup.linkBytesPerSecond;
	for (let done = 0; done < bytes; done += PIECE_BYTES) {
		const end = Math.min(bytes, done + PIECE_BYTES);
		write.set(read.subarray(source + done, source + end), target + done);
		const early = end / setup.linkBytesPerSecond - (seconds() - began);
		if (early > 0) Atomics.wait(bell, 0, 0, early * 1000);
	}
}
