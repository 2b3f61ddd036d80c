/** Rewritten weights and permutations, kept with a run. */
import type { RunContext } from '@assay/contract';
import type { KeySource } from '../heads/key-source.ts';
import type { Inputs } from '../inputs.ts';
import type { HeadOrder } from '../ksort/channel-order.ts';
import type { Outputs } from '../outputs.ts';
import { permutationJson } from './permutation-file.ts';

export async function keepRewritten(
	{ weights, sortedBy }: KeySource,
	order: HeadOrder,
	{ rewrite }: Inputs['weights'],
	context: Pick<RunContext, 'artifact' | 'pause'>,
): Promise<Outputs['files']> {
	if (weights === undefined) return [];
	const { files, shape, orders } = weights;
	const json = permutationJson(orders, shape, order, sortedBy);
	await context.artifact('permutation.json', json, 'application/json');
	const kept: Outputs['files'] = [
		{
			name: 'permutation.json',
			bytes: new TextEncoder().encode(json).length,
			says: `Which channel each place of each key head holds${shape.rotary.width > 0 && order !== 'shared' ? ', and the tables that turn the sorted keys' : ''}.`,
		},
	];
	if (!rewrite) return kept;
	const names = new Set<string>();
	for (const file of files) {
		const name = artifactName(file.name, names);
		const counted = count(file.rewritten(), context.pause);
		await context.artifact(name, counted.pieces, 'application/octet-stream');
		kept.push({ name, bytes: counted.bytes(), says: `${file.name} with the channels of queries and keys in the new order.` });
	}
	return kept;
}

/** Pieces as they pass, and how many bytes have passed. */
function count(
	pieces: AsyncIterable<Uint8Array>,
	pause: () => Promise<void>,
): { readonly pieces: AsyncIterable<Uint8Array>; bytes(): number } {
	let bytes = 0;
	async function* passed(): AsyncGenerator<Uint8Array> {
		for await (const piece of pieces) {
			bytes += piece.length;
			yield piece;
			await pause();
		}
	}
	return { pieces: passed(), bytes: () => bytes };
}

/** A plain name that no other file of the run has. */
function artifactName(fileName: string, taken: Set<string>): string {
	const base = `sorted-${(fileName.split(/[\\/]/).at(-1) ?? '').replaceAll(/[^\w.-]/g, '-').slice(-90)}`;
	let name = base;
	for (let again = 2; taken.has(name); again++) name = `${again}-${base}`;
	taken.add(name);
	return name;
}
