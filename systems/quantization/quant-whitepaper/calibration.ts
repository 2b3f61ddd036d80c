import type { Calibration } from '@assay/contract';

export const calibration: Calibration = {
	none: 'nothing is predicted: sizes, agreement and times are measured on the network itself, and the integers are held against onnxruntime and against published files by tests',
};
