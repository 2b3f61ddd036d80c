/** Plans the user's setting and everything around it: other policies, other batches and drives, other parts, other models. */
import type { RunContext } from '@assay/contract';
import { readMachine } from '@assay/machines';
import { readModel } from '@assay/models';
import { adapterOptions } from './adapters.ts';
import { deepSpeedConfig } from './deepspeed-config.ts';
import { readFio } from './fio.ts';
import type { Inputs } from './inputs.ts';
import { describeMachine } from './machine.ts';
import type { Outputs, PlanOutput } from './outputs.ts';
import { largestBatch, type PlanOptions, planStep } from './plan.ts';
import { costOutput, curve, largestModelCurve, machineOutput, policyRow, simulations } from './plan-figures.ts';
import { allPolicies, policies } from './policies/policies.ts';
import { sensitivity } from './sensitivity.ts';
import { sweep } from './sweep.ts';
import { describeWorkload, type WorkloadOptions } from './workload.ts';

const MAX_FIO_BYTES = 16 << 20;

export async function runPlan(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading model and machine');
	await context.pause();
	const model = await readModel(inputs.model, context);
	const cluster = await readMachine(inputs.machine, context);
	const measured = inputs.workstation.fio === undefined ? undefined : await readFioFile(inputs.workstation.fio, context);
	const machine = describeMachine(cluster, inputs.workstation, measured);
	const options: WorkloadOptions = {
		batch: inputs.batch,
		sequenceTokens: inputs.sequenceTokens,
		optimizer: inputs.optimizer,
		loraRank: inputs.loraRank,
	};
	const planOptions: PlanOptions = { rule: inputs.activations, swapRatio: inputs.swapRatio };
	const { resources } = machine;
	const workload = describeWorkload(model, options);
	const plan = planStep(policies.fuyou, workload, resources, planOptions);
	context.progress(0.1, 'planning every policy');
	const ours = policyRow(policies.fuyou, model, options, resources, planOptions);
	const rows: PlanOutput['policies'] = [];
	for (const policy of allPolicies) {
		await context.pause();
		rows.push(policy.name === 'fuyou' ? ours : policyRow(policy, model, options, resources, planOptions));
	}
	context.progress(0.4, 'simulating a step');
	await context.pause();
	const simulation = simulations(plan, inputs.reorderTraffic);
	await context.pause();
	context.progress(0.6, 'changing parts');
	const parts = [];
	for (const change of sensitivity(plan, resources, planOptions)) {
		await context.pause();
		parts.push({
			part: change.part,
			fits: change.fits,
			speedup: change.speedup,
			largestBatch: largestBatch(policies.fuyou, model, options, change.resources, planOptions),
		});
	}
	context.progress(0.7, 'batches and drives');
	await context.pause();
	const drives = upTo(inputs.search.mostDrives);
	const map = sweep(policies.fuyou, model, options, resources, upTo(inputs.search.mostBatch), drives);
	context.progress(0.8, 'largest models');
	const largestModels = await largestModelCurve(inputs, options, resources, context);
	const output: PlanOutput = {
		verdict: plan.fit.fits ? 'runs' : ours.largestBatch > 0 ? 'runs with a smaller batch' : 'does not fit',
		model: {
			name: model.name,
			parameters: workload.parameters,
			trainedParameters: workload.trainedParameters,
			layers: workload.layers,
		},
		machine: machineOutput(machine, plan.resources),
		batch: inputs.batch,
		tiers: plan.fit.tiers.map(({ parts: held, ...rest }) => ({ ...rest, parts: held.map((part) => ({ ...part })) })),
		buffers: { ...plan.buffers },
		kept: workload.items.map((item, index) => ({
			item: item.name,
			bytesPerLayer: item.bytes,
			flopsPerByte: item.flops / item.bytes,
			layers: plan.choice.keptLayers[index] ?? 0,
		})),
		policies: rows,
		curve: curve(plan),
		simulation,
		sensitivity: parts,
		map,
		largestModels,
		adapters: adapterOptions(model, options, resources).map((one) => ({ ...one })),
		cost: costOutput(inputs, machine, plan),
	};
	await context.artifact(
		'deepspeed-zero-infinity.json',
		deepSpeedConfig(workload, inputs.batch, inputs.precision, plan.buffers, '/local_nvme'),
		'application/json',
	);
	await context.artifact('timeline.csv', timelineCsv(output.simulation.jobs), 'text/csv');
	context.progress(1, 'done');
	return { answer: answerOf(output, ours), plan: output, training: null, drive: null };
}

async function readFioFile(reference: string, context: RunContext) {
	const file = await context.open(reference);
	return readFio(await file.text(MAX_FIO_BYTES), file.name);
}

/** 1, 2, 3, 4, 6, 8, 12, ... up to a number, and that number. */
export function upTo(most: number): number[] {
	const values: number[] = [];
	for (let power = 1; power <= most; power *= 2) {
		values.push(power);
		if (power >= 2 && power * 1.5 <= most) values.push(power * 1.5);
	}
	if (values.at(-1) !== most) values.push(most);
	return values;
}

export function timelineCsv(jobs: readonly { kind: string; lane: string; startSeconds: number; endSeconds: number }[]): string {
	return `lane,kind,start_s,end_s\n${jobs.map((job) => `${job.lane},${job.kind},${job.startSeconds},${job.endSeconds}`).join('\n')}\n`;
}

function answerOf(
	{ verdict, model, machine, batch, policies: rows, tiers, simulation }: PlanOutput,
	ours: PlanOutput['policies'][number],
): string {
	const what = `${model.name} (${(model.parameters / 1e9).toFixed(1)} B parameters) on ${machine.name}`;
	if (!ours.fits) {
		const over = tiers.find(({ tier }) => tier === ours.binding);
		const lacks =
			over === undefined
				? ''
				: `: ${ours.binding} would have to hold ${gigabytes(over.bytes)} of ${gigabytes(over.capacityBytes)}`;
		const smaller = verdict === 'runs with a smaller batch' ? `; a batch of ${ours.largestBatch} fits` : '';
		return `${what} at a batch of ${batch} does not fit${lacks}${smaller}.`;
	}
	const busiest = [...simulation.busyShares].sort((a, b) => b.share - a.share)[0];
	const infinity = rows.find(({ policy }) => policy === 'zero-infinity');
	const against =
		infinity === undefined
			? ''
			: infinity.fits
				? `, ${(infinity.seconds / ours.seconds).toFixed(2)} times ZeRO-Infinity's pace`
				: ', where ZeRO-Infinity does not fit';
	return `${what} runs at a batch of ${batch}: ${ours.seconds.toFixed(1)} s a step, ${ours.teraflops.toFixed(0)} TFLOP/s, ${ours.tokensPerSecond.toFixed(0)} tokens/s${against}; the ${busiest?.lane ?? 'GPU'} ${busiest?.lane === 'drives' ? 'are' : 'is'} the bottleneck.`;
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;
