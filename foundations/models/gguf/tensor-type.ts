/** Formats of tensors in GGUF files: blocks of weights with their scales, after ggml's `ggml_type` (ggml.h and ggml-common.h). */

const TYPES = [
	// number, name, weights in a block, bytes of a block, bits of a weight without scales
	[0, 'F32', 1, 4, 32],
	[1, 'F16', 1, 2, 16],
	[2, 'Q4_0', 32, 18, 4],
	[3, 'Q4_1', 32, 20, 4],
	[6, 'Q5_0', 32, 22, 5],
	[7, 'Q5_1', 32, 24, 5],
	[8, 'Q8_0', 32, 34, 8],
	[9, 'Q8_1', 32, 36, 8],
	[10, 'Q2_K', 256, 84, 2],
	[11, 'Q3_K', 256, 110, 3],
	[12, 'Q4_K', 256, 144, 4],
	[13, 'Q5_K', 256, 176, 5],
	[14, 'Q6_K', 256, 210, 6],
	[15, 'Q8_K', 256, 292, 8],
	[16, 'IQ2_XXS', 256, 66, 2],
	[17, 'IQ2_XS', 256, 74, 2],
	[18, 'IQ3_XXS', 256, 98, 3],
	[19, 'IQ1_S', 256, 50, 1],
	[20, 'IQ4_NL', 32, 18, 4],
	[21, 'IQ3_S', 256, 110, 3],
	[22, 'IQ2_S', 256, 82, 2],
	[23, 'IQ4_XS', 256, 136, 4],
	[24, 'I8', 1, 1, 8],
	[25, 'I16', 1, 2, 16],
	[26, 'I32', 1, 4, 32],
	[27, 'I64', 1, 8, 64],
	[28, 'F64', 1, 8, 64],
	[29, 'IQ1_M', 256, 56, 1],
	[30, 'BF16', 1, 2, 16],
	[34, 'TQ1_0', 256, 54, 2],
	[35, 'TQ2_0', 256, 66, 2],
	[39, 'MXFP4', 32, 17, 4],
	[40, 'NVFP4', 64, 36, 4],
] as const;

/** A format of tensors. */
export interface GgufTensorType {
	readonly name: (typeof TYPES)[number][1];
	/** Weights that share scales. */
	readonly blockWeights: number;
	readonly blockBytes: number;
	/** Width of a weight itself. */
	readonly weightBits: number;
}

const byNumber = new Map<number, GgufTensorType & { readonly number: number }>(
	TYPES.map(([number, name, blockWeights, blockBytes, weightBits]) => [
		number,
		{ number, name, blockWeights, blockBytes, weightBits },
	]),
);

/** Names of the formats that are known. */
export const GGUF_TENSOR_TYPES = TYPES.map(([, name]) => name);

/** The format of a number; undefined for one that is not known. */
export function ggufTensorType(number: number): GgufTensorType | undefined {
	return byNumber.get(number);
}

/** A format and its number by name. */
export function ggufTypeNamed(name: GgufTensorType['name']): GgufTensorType & { readonly number: number } {
	for (const type of byNumber.values()) if (type.name === name) return type;
	throw new RangeError(`no format ${name}`);
}
