/** Rewritten weights and permutations, kept with a run. */
import type { RunContext } from '@assay/contract';
import type { KeySource } from '../heads/key-source.ts';
import type { Inputs } from '../inputs.ts';
import type { ChannelOrder } from '../ksort/channel-order.ts';
import type { Outputs } from '../outputs.ts';
import { permutationJson } from './permutation-file.ts';

export async function keepRewritten(
	{ weights, sortedBy }: KeySource,
	order: ChannelOrder,
	{ rewrite, rewriteLimit }: Inputs['weights'],
	context: Pick<RunContext, 'artifact' | 'pause' | 'log'>,
): Promise<Outputs['files']> {
	if (weights === undefined) return [];
	const { files, shape, orders } = weights;
	const json = permutationJson(orders, shape, order, sortedBy);
	await context.artifact('permutation.json', json, 'application/json');
	const kept: Outputs['files'] = [
		{
			name: 'permutation.json',
			bytes: new TextEncoder().encode(json).length,
			says: `Which channel each place of each key head holds${shape.rotary.width > 0 ? ', and the tables that turn the sorted keys' : ''}.`,
		},
	];
	if (!rewrite) return kept;
	const names = new Set<string>();
	for (const file of files) {
		if (file.bytes > rewriteLimit * 2 ** 20) {
			context.log(
				'warning',
				`${file.name} is larger than weights.rewriteLimit and was not kept; rewrite-command.ts rewrites it on disk`,
			);
			continue;
		}
		const bytes = await joined(file.rewritten(), file.bytes, context.pause);
		const name = artifactName(file.name, names);
		await context.artifact(name, bytes, 'application/octet-stream');
		kept.push({ name, bytes: bytes.length, says: `${file.name} with the channels of queries and keys in the new order.` });
	}
	return kept;
}

/** Pieces of about `expected` bytes as one. */
async function joined(pieces: AsyncIterable<Uint8Array>, expected: number, pause: () => Promise<void>): Promise<Uint8Array> {
	let bytes = new Uint8Array(expected);
	let at = 0;
	for await (const piece of pieces) {
		if (at + piece.length > bytes.length) {
			const longer = new Uint8Array(2 * (at + piece.length));
			longer.set(bytes.subarray(0, at));
			bytes = longer;
		}
		bytes.set(piece, at);
		at += piece.length;
		await pause();
	}
	return bytes.subarray(0, at);
}

/** A plain name that no other file of the run has. */
function artifactName(fileName: string, taken: Set<string>): string {
	const base = `sorted-${(fileName.split(/[\\/]/).at(-1) ?? '').replaceAll(/[^\w.-]/g, '-').slice(-90)}`;
	let name = base;
	for (let again = 2; taken.has(name); again++) name = `${again}-${base}`;
	taken.add(name);
	return name;
}
