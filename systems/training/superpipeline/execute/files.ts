/** Names of the files of a prepared model. */
export const FILES = {
	weights: 'weights.bin',
	shared: 'shared.bin',
	inputs: 'inputs.bin',
	resident: 'resident.onnx',
	description: 'prepared.json',
} as const;
