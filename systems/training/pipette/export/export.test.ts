import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jobFor } from '../test-data.ts';
import type { Setting } from '../training-job.ts';
import { launchScript, megatronArguments, profilingScript } from './launch-script.ts';
import { fillHostsInTurn, groupRankMap, hostfile, nodeRankMap, type RankPlace, rankMapCsv } from './rank-map.ts';

const setting: Setting = {
	pipelineParallel: 2,
	tensorParallel: 2,
	dataParallel: 2,
	expertParallel: 1,
	microBatch: 1,
	virtualStages: 1,
	recompute: 'none',
};
const job = jobFor('llama-3-8b', 16);
const nodes = { rows: 1, columns: 2, stagesPerNode: 1, replicasPerNode: 2 };

/** Runs a launch script with an `mpirun` and a `python` that only tell what they were asked for, rank by rank. */
function launched(places: readonly RankPlace[], localRanks: readonly number[]): string[] {
	const folder = mkdtempSync(join(tmpdir(), 'pipette-export-'));
	try {
		const write = (name: string, text: string): void => {
			writeFileSync(join(folder, name), text);
			chmodSync(join(folder, name), 0o755);
		};
		write('ranks.csv', rankMapCsv(places));
		write('hostfile', hostfile(places));
		write('launch.sh', launchScript(job, setting, places, 4));
		write('python', '#!/bin/sh\necho "$MASTER_ADDR $MASTER_PORT $RANK/$WORLD_SIZE $LOCAL_RANK $1 $2 $3"\n');
		write(
			'mpirun',
			[
				'#!/bin/sh',
				'while [ "$1" != sh ]; do shift; done',
				...localRanks.map(
					(local, rank) =>
						`OMPI_COMM_WORLD_RANK=${rank} OMPI_COMM_WORLD_SIZE=${localRanks.length} OMPI_COMM_WORLD_LOCAL_RANK=${local} "$@"`,
				),
			].join('\n'),
		);
		const options = { cwd: folder, env: { PATH: `${folder}:${process.env['PATH']}` }, encoding: 'utf8' } as const;
		return execFileSync('sh', ['launch.sh', '--data-path', 'x y'], options).trim().split('\n');
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

test('every process is told its rank, its device and where the first one is', () => {
	const places = nodeRankMap(setting, nodes, [['a', 'b']]);
	expect(fillHostsInTurn(places)).toBe(true);
	const lines = launched(places, [0, 1, 2, 3, 0, 1, 2, 3]);
	expect(lines[0]).toBe('a 29500 0/8 0 pretrain_gpt.py --tensor-model-parallel-size 2');
	expect(lines[5]).toBe('a 29500 5/8 1 pretrain_gpt.py --tensor-model-parallel-size 2');
});

test('where groups of devices change places, a process takes the device of its rank, not its turn on the host', () => {
	const places = groupRankMap(
		setting,
		[
			[1, 2],
			[0, 3],
		],
		(device) => ({ host: device < 4 ? 'a' : 'b', device: device % 4 }),
	);
	expect(fillHostsInTurn(places)).toBe(false);
	const devices = launched(places, [0, 1, 2, 3, 0, 1, 2, 3]).map((line) => line.split(' ')[3]);
	expect(devices).toEqual(['2', '3', '0', '1', '0', '1', '2', '3']);
	expect(places.map(({ device }) => String(device))).toEqual(devices);
});

test.for<[string, string[], string[]]>([
	['llama-3-8b', ['--disable-bias-linear', '--num-query-groups 8', '--swiglu'], ['--kv-channels', '--add-qkv-bias']],
	['gpt3-6.7b', ['--num-attention-heads 32'], ['--disable-bias-linear', '--group-query-attention', '--swiglu']],
	['qwen2.5-7b', ['--disable-bias-linear', '--add-qkv-bias'], []],
	['gemma-7b', ['--kv-channels 256'], []],
	[
		'deepseek-v3',
		[
			'--q-lora-rank 1536',
			'--kv-lora-rank 512',
			'--qk-head-dim 128',
			'--qk-pos-emb-head-dim 64',
			'--v-head-dim 128',
			'--moe-layer-freq [0]*3+[1]*58',
			'--moe-shared-expert-intermediate-size 2048',
		],
		['--num-query-groups'],
	],
])('Megatron-LM builds %s itself, not a model like it', ([model, has, lacks]) => {
	const written = megatronArguments(jobFor(model, 64), setting);
	for (const argument of has) expect(written).toContain(argument);
	for (const argument of lacks) expect(written.join(' ')).not.toContain(argument);
});

test('links are measured with all devices of both hosts at once, ranks in turn', () => {
	const script = profilingScript(['a', 'b'], [[[0, 1]]], 8);
	expect(script).toContain('mpirun -np 16 --map-by node --host a:8,b:8 sendrecv_perf');
	expect(script).toContain('mpirun -np 8 --map-by node --host a:8 sendrecv_perf');
});
