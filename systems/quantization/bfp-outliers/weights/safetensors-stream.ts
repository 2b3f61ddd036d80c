/** Safetensors files read from front to back. */
import { parseSafetensorsHeader, SAFETENSORS_PREFIX_BYTES, type SafetensorsHeader, safetensorsHeaderLength } from '@assay/models';
import { ByteReader } from './byte-reader.ts';

/** A file as a run or a command opens it. */
export interface ByteStream {
	readonly name: string;
	readonly bytes: number;
	stream(): AsyncIterable<Uint8Array>;
}

/** A file whose header is read; the reader stands at the first tensor's first byte. */
export interface OpenSafetensors {
	readonly header: SafetensorsHeader;
	/** All bytes before the first tensor, as they are in the file. */
	readonly prefix: readonly [Uint8Array, Uint8Array];
	readonly reader: ByteReader;
}

export async function openSafetensors(file: ByteStream): Promise<OpenSafetensors> {
	const reader = new ByteReader(file.stream(), file.name);
	const length = await reader.read(Math.min(SAFETENSORS_PREFIX_BYTES, file.bytes));
	const text = await reader.read(safetensorsHeaderLength(length, file.name, file.bytes));
	return { header: parseSafetensorsHeader(text, file.name, file.bytes), prefix: [length, text], reader };
}
