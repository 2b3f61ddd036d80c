/** A launch script for Megatron-LM: the setting as its arguments, ranks placed by a rankfile, torchrun where the order of hosts is enough. */
import type { TransformerModel } from '@assay/models';
import type { Tiling } from '../setting-time.ts';
import type { Setting, TrainingJob } from '../training-job.ts';

/** Megatron-LM's arguments for a job and its setting. */
export function megatronArguments(job: TrainingJob, setting: Setting): string[] {
	const { model, globalBatch, sequenceTokens } = job;
	return [
		...parallelArguments(job, setting),
		...modelArguments(model),
		`--seq-length ${sequenceTokens}`,
		`--max-position-embeddings ${Math.max(sequenceTokens, model.contextTokens)}`,
		`--micro-batch-size ${setting.microBatch}`,
		`--global-batch-size ${globalBatch}`,
		...(job.precision === 'fp32' ? [] : [`--${job.precision}`]),
		...(job.kernels === 'flash' ? ['--use-flash-attn'] : job.kernels === 'unfused' ? ['--no-masked-softmax-fusion'] : []),
		...(job.dropout ? [] : ['--attention-dropout 0', '--hidden-dropout 0']),
	];
}

function parallelArguments(job: TrainingJob, setting: Setting): string[] {
	const { pipelineParallel, tensorParallel, expertParallel, virtualStages, recompute } = setting;
	return [
		`--tensor-model-parallel-size ${tensorParallel}`,
		`--pipeline-model-parallel-size ${pipelineParallel}`,
		...(expertParallel > 1 ? [`--expert-model-parallel-size ${expertParallel}`] : []),
		...(virtualStages > 1
			? [`--num-layers-per-virtual-pipeline-stage ${job.model.layers / (pipelineParallel * virtualStages)}`]
			: []),
		...(job.sequenceParallel && tensorParallel > 1 ? ['--sequence-parallel'] : []),
		...(job.shardedOptimizer ? ['--use-distributed-optimizer'] : []),
		...(recompute === 'full'
			? ['--recompute-granularity full', '--recompute-method uniform', '--recompute-num-layers 1']
			: recompute === 'selective'
				? ['--recompute-granularity selective']
				: []),
	];
}

function modelArguments(model: TransformerModel): string[] {
	const { attention, experts } = model;
	return [
		`--num-layers ${model.layers}`,
		`--hidden-size ${model.hidden}`,
		`--ffn-hidden-size ${model.feedForward.width}`,
		`--num-attention-heads ${attention.heads}`,
		...(attention.kind === 'grouped-query' || attention.kind === 'multi-query'
			? ['--group-query-attention', `--num-query-groups ${attention.kvHeads}`]
			: []),
		...(attention.kind === 'latent' ? ['--multi-latent-attention', `--kv-lora-rank ${attention.kvRank}`] : []),
		...(model.feedForward.kind === 'gated' ? ['--swiglu'] : []),
		...(model.norms.kind === 'rms-norm' ? ['--normalization RMSNorm'] : []),
		...(model.position.kind === 'rotary' ? ['--position-embedding-type rope'] : []),
		...(model.outputHead === 'untied' ? ['--untie-embeddings-and-output-weights'] : []),
		...(experts === null
			? []
			: [
					`--num-experts ${experts.count}`,
					`--moe-router-topk ${experts.activePerToken}`,
					`--moe-ffn-hidden-size ${experts.width}`,
				]),
	];
}

/** A shell script. Data, tokenizer and optimizer arguments are the user's own and follow as the script's arguments. */
export function launchScript(job: TrainingJob, setting: Setting, tiling: Tiling, devicesPerNode: number): string {
	const ranks = setting.pipelineParallel * setting.tensorParallel * setting.dataParallel;
	const entry = job.model.causal ? 'pretrain_gpt.py' : 'pretrain_bert.py';
	const ordered = tiling.stagesPerNode === 1 || tiling.rows === 1;
	const lines = megatronArguments(job, setting);
	return [
		'#!/bin/sh',
		'# Run from a Megatron-LM checkout. Arguments of your own (data, tokenizer, learning rate) come after the script’s name.',
		'set -eu',
		`ARGUMENTS="${lines.join(' \\\n  ')}"`,
		'',
		...(ordered
			? [
					'# With torchrun: start this on every host of the hostfile, NODE_RANK being its line, counted from 0.',
					`# torchrun --nnodes ${Math.ceil(ranks / devicesPerNode)} --nproc-per-node ${Math.min(ranks, devicesPerNode)} --node-rank "$NODE_RANK" \\`,
					`#   --master-addr "$(head -n 1 hostfile | cut -d " " -f 1)" ${entry} $ARGUMENTS "$@"`,
				]
			: ['# Stages share nodes in a way that torchrun’s order of ranks cannot express, so ranks are placed one by one.']),
		`mpirun -np ${ranks} --hostfile hostfile --rankfile rankfile python ${entry} $ARGUMENTS "$@"`,
		'',
	].join('\n');
}

/** A script that measures all pairs of hosts round by round, for `links.file`. */
export function profilingScript(
	hosts: readonly string[],
	rounds: readonly (readonly (readonly [number, number])[])[],
	devices: number,
): string {
	const command = (list: string, ranks: number): string =>
		`mpirun -np ${ranks} --host ${list} sendrecv_perf -b 31457280 -e 31457280 -g 1 > "$OUT/${list.replaceAll(/[:,]/g, '_')}.log" &`;
	return [
		'#!/bin/sh',
		'# Measures the bandwidth between all pairs of hosts with nccl-tests; pairs of one round at the same time.',
		'set -eu',
		'OUT=link-logs; mkdir -p "$OUT"',
		...rounds.flatMap((pairs) => [...pairs.map(([a, b]) => command(`${hosts[a]}:1,${hosts[b]}:1`, 2)), 'wait']),
		...hosts.map((host) => command(`${host}:${devices}`, devices)),
		'wait',
		'cat "$OUT"/*.log > links.log',
		'',
	].join('\n');
}
