/** A launch script for Megatron-LM: the setting as its arguments, ranks placed by the order of hosts or, where that cannot say it, by a rankfile. */
import type { TransformerModel } from '@assay/models';
import type { Setting, TrainingJob } from '../training-job.ts';
import { fillHostsInTurn, type RankPlace } from './rank-map.ts';

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
		...(expertParallel > 1 ? [`--expert-model-parallel-size ${expertParallel}`, '--moe-token-dispatcher-type alltoall'] : []),
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
	const { attention, feedForward } = model;
	return [
		`--num-layers ${model.layers}`,
		`--hidden-size ${model.hidden}`,
		`--ffn-hidden-size ${feedForward.width}`,
		...attentionArguments(model),
		...(feedForward.kind === 'gated' ? ['--swiglu'] : []),
		...(feedForward.bias || attention.outputBias ? [] : ['--disable-bias-linear']),
		...(model.norms.kind === 'rms-norm' ? ['--normalization RMSNorm'] : []),
		...(model.position.kind === 'rotary' ? ['--position-embedding-type rope'] : []),
		...(model.outputHead === 'untied' ? ['--untie-embeddings-and-output-weights'] : []),
		...expertArguments(model),
	];
}

function attentionArguments({ attention, hidden }: TransformerModel): string[] {
	const heads = `--num-attention-heads ${attention.heads}`;
	if (attention.kind === 'latent') {
		return [
			heads,
			'--multi-latent-attention',
			...(attention.queryRank === null ? [] : [`--q-lora-rank ${attention.queryRank}`]),
			`--kv-lora-rank ${attention.kvRank}`,
			`--qk-head-dim ${attention.nopeHeadDim}`,
			`--qk-pos-emb-head-dim ${attention.ropeHeadDim}`,
			`--v-head-dim ${attention.valueHeadDim}`,
		];
	}
	return [
		heads,
		...(attention.kind === 'multi-head' ? [] : ['--group-query-attention', `--num-query-groups ${attention.kvHeads}`]),
		...(attention.headDim * attention.heads === hidden ? [] : [`--kv-channels ${attention.headDim}`]),
		...(attention.queryKeyValueBias && !attention.outputBias ? ['--add-qkv-bias'] : []),
		...(attention.queryKeyNorm ? ['--qk-layernorm'] : []),
	];
}

function expertArguments({ experts, layers }: TransformerModel): string[] {
	if (experts === null) return [];
	const { shared, denseLayers } = experts;
	return [
		`--num-experts ${experts.count}`,
		`--moe-router-topk ${experts.activePerToken}`,
		`--moe-ffn-hidden-size ${experts.width}`,
		...(shared === null ? [] : [`--moe-shared-expert-intermediate-size ${shared.count * shared.width}`]),
		...(denseLayers.length === 0 ? [] : [`--moe-layer-freq ${layerPattern(layers, denseLayers)}`]),
	];
}

/** Which layers have experts, as Megatron-LM writes it: `[0]*3+[1]*58`. */
function layerPattern(layers: number, dense: readonly number[]): string {
	const runs: { kind: 0 | 1; length: number }[] = [];
	for (let layer = 0; layer < layers; layer++) {
		const kind = dense.includes(layer) ? 0 : 1;
		const last = runs.at(-1);
		if (last?.kind === kind) last.length++;
		else runs.push({ kind, length: 1 });
	}
	return runs.map(({ kind, length }) => `[${kind}]*${length}`).join('+');
}

/** A shell script. Data, tokenizer and optimizer arguments are the user's own and follow as the script's arguments. */
export function launchScript(job: TrainingJob, setting: Setting, places: readonly RankPlace[], devicesPerNode: number): string {
	const ranks = places.length;
	const entry = job.model.causal ? 'pretrain_gpt.py' : 'pretrain_bert.py';
	const ordered = fillHostsInTurn(places);
	const lines = megatronArguments(job, setting);
	const device = ordered
		? '$OMPI_COMM_WORLD_LOCAL_RANK'
		: '$(awk -F, -v rank="$OMPI_COMM_WORLD_RANK" "\\$1 == rank { print \\$6 + 0 }" ranks.csv)';
	return [
		'#!/bin/sh',
		'# Run from a Megatron-LM checkout. Arguments of your own (data, tokenizer, learning rate) come after the script’s name.',
		'set -euf',
		`ARGUMENTS="${lines.join(' \\\n  ')}"`,
		'MASTER_ADDR="$(head -n 1 hostfile | cut -d " " -f 1)"',
		'MASTER_PORT="$(printenv MASTER_PORT || echo 29500)"',
		'export MASTER_ADDR MASTER_PORT',
		'',
		...(ordered
			? [
					'# With torchrun: start this on every host of the hostfile, NODE_RANK being its line, counted from 0.',
					`# torchrun --nnodes ${Math.ceil(ranks / devicesPerNode)} --nproc-per-node ${Math.min(ranks, devicesPerNode)} --node-rank "$NODE_RANK" \\`,
					`#   --master-addr "$MASTER_ADDR" --master-port "$MASTER_PORT" ${entry} $ARGUMENTS "$@"`,
				]
			: ['# The order of hosts cannot express where these ranks go, so they are placed one by one.']),
		`mpirun -np ${ranks} --hostfile hostfile ${ordered ? '--map-by slot' : '--rankfile rankfile'} -x MASTER_ADDR -x MASTER_PORT sh -c \\`,
		`  'exec env RANK=$OMPI_COMM_WORLD_RANK WORLD_SIZE=$OMPI_COMM_WORLD_SIZE LOCAL_RANK=${device} python "$0" "$@"' \\`,
		`  ${entry} $ARGUMENTS "$@"`,
		'',
	].join('\n');
}

/**
 * A script that measures all pairs of hosts round by round, for `links.file`. Ranks go to the two hosts in turn, and `sendrecv_perf` sends
 * from each rank to the next, so all devices of a host send to the other at once: what `measuredPer: device` stands for.
 */
export function profilingScript(
	hosts: readonly string[],
	rounds: readonly (readonly (readonly [number, number])[])[],
	devices: number,
): string {
	const command = (names: readonly (string | undefined)[]): string => {
		const list = names.map((name) => `${name}:${devices}`).join(',');
		return `mpirun -np ${names.length * devices} --map-by node --host ${list} sendrecv_perf -b 31457280 -e 31457280 -g 1 > "$OUT/${names.join('_')}.log" &`;
	};
	return [
		'#!/bin/sh',
		'# Measures the bandwidth between all pairs of hosts with nccl-tests; pairs of one round at the same time.',
		'set -eu',
		'OUT=link-logs; mkdir -p "$OUT"',
		...rounds.flatMap((pairs) => [...pairs.map(([a, b]) => command([hosts[a], hosts[b]])), 'wait']),
		...hosts.map((host) => command([host])),
		'wait',
		'cat "$OUT"/*.log > links.log',
		'',
	].join('\n');
}
