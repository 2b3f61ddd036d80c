/** Predictions for the settings that were measured with AMP: five constants fitted to all others, then the setting left out predicted. */
import { fitConstants, type MachineConstants, type MachineFacts, predictSeconds, usualStarts } from '../measured-fit.ts';
import { stageMemory } from '../stage-memory.ts';
import type { Setting, TrainingJob } from '../training-job.ts';
import { AMP_SETTINGS, type AmpSetting } from './amp-settings.ts';
import { gptModel } from './predict-published.ts';

/** Four nodes of four T4: 320 GB/s of memory, of which streaming kernels reach 80 %. */
const FACTS: MachineFacts = { devicesPerNode: 4, memoryBytesPerSecond: 0.8 * 320e9 };

/** The model that AMP's authors trained. Its kernels were not fused. */
export const AMP_JOB: TrainingJob = {
	model: gptModel('gpt2-medium', { layers: 24, hidden: 1024, heads: 16, vocabulary: 52256, sequenceTokens: 1024 }),
	globalBatch: 32,
	sequenceTokens: 1024,
	precision: 'fp16',
	kernels: 'unfused',
	dropout: true,
	sequenceParallel: false,
	shardedOptimizer: false,
};

/** A published row as a setting. */
export function ampSetting(row: AmpSetting): Setting {
	const { microBatch, tensorParallel, dataParallel, pipelineParallel } = row;
	return { microBatch, tensorParallel, dataParallel, pipelineParallel, expertParallel: 1, virtualStages: 1, recompute: 'none' };
}

/** A finished setting with its prediction by constants that never saw it. */
export interface HeldOutPrediction {
	readonly row: AmpSetting;
	readonly measuredSeconds: number;
	readonly predictedSeconds: number;
}

/** Constants fitted to all finished settings. */
export function ampConstants(): MachineConstants {
	return fitConstants(AMP_JOB, measuredSettings(), FACTS, usualStarts(), 400);
}

/** Leave-one-out predictions of the finished settings. `pause` is called between fits. */
export async function heldOutPredictions(pause: () => Promise<void>): Promise<HeldOutPrediction[]> {
	const measured = measuredSettings();
	const all = ampConstants();
	const predictions: HeldOutPrediction[] = [];
	let index = 0;
	for (const row of AMP_SETTINGS) {
		if (row.measuredSeconds === null) continue;
		await pause();
		const others = measured.filter((_, other) => other !== index);
		const constants = fitConstants(AMP_JOB, others, FACTS, [all], 120);
		predictions.push({
			row,
			measuredSeconds: row.measuredSeconds,
			predictedSeconds: predictSeconds(AMP_JOB, ampSetting(row), constants, FACTS),
		});
		index++;
	}
	return predictions;
}

function measuredSettings() {
	return AMP_SETTINGS.flatMap((row) =>
		row.measuredSeconds === null ? [] : [{ setting: ampSetting(row), seconds: row.measuredSeconds }],
	);
}

/** Bytes of the fullest device under a published row. */
export function ampMemoryBytes(row: AmpSetting): number {
	return stageMemory(AMP_JOB, ampSetting(row)).totalBytes;
}
