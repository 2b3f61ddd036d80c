/** Reads measured bandwidths in whichever of the four formats a file has. */
import type { DataFile } from '@assay/contract';
import { type BandwidthMatrix, checkMatrix } from './bandwidth-matrix.ts';
import { readMatrixCsv, readMatrixJson } from './read-matrix-file.ts';
import { looksLikeMpiGraph, readMpiGraph } from './read-mpigraph.ts';
import { looksLikeNcclTests, readNcclTests } from './read-nccl-tests.ts';

/** The matrix of a text, checked. Raises an `InputError` with the place of what is wrong. */
export function parseBandwidths(text: string, fileName: string): BandwidthMatrix {
	const read = /^\s*\{/.test(text)
		? readMatrixJson
		: looksLikeMpiGraph(text)
			? readMpiGraph
			: looksLikeNcclTests(text)
				? readNcclTests
				: readMatrixCsv;
	return checkMatrix(read(text, fileName), [fileName]);
}

/** The matrix of a file. */
export async function readBandwidths(file: DataFile): Promise<BandwidthMatrix> {
	return parseBandwidths(await file.text(), file.name);
}
