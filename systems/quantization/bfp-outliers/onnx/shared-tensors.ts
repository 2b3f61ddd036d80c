/** Tensors that an order of channels changes, and who else reads them. */
import { InputError } from '@assay/contract';
import type { GraphLinks } from './graph-links.ts';
import { refusal } from './refusal.ts';
import type { TracedProjection } from './trace-projection.ts';

/** Queries and keys of an attention, whose channels change places. */
interface Operands {
	readonly name: string;
	readonly query: TracedProjection;
	readonly key: TracedProjection;
}

/** A weight whose channels change places may have no reader but its own projections. */
export function refuseSharedWeights(attentions: readonly Operands[], links: GraphLinks, fileName: string): void {
	const users = new Map<string, Set<string>>();
	for (const { name, query, key } of attentions)
		for (const tensor of [query, key].flatMap(({ weight, biases }) => [weight, ...biases])) {
			const known = users.get(tensor.name) ?? new Set();
			users.set(tensor.name, known.add(name));
		}
	for (const [tensor, names] of users)
		if (names.size > 1 || links.readers(tensor).length > 1)
			throw new InputError({
				path: [fileName, tensor],
				found: 'weights that others read too',
				expected: 'weights of one attention alone, since their channels change places',
			});
}

/** Angles, cosines and sines that are computed may have no readers but rotary embeddings; stored tables that others read are copied. */
export function refuseSharedAngles(attentions: readonly Operands[], links: GraphLinks, fileName: string): void {
	const rotations = attentions.flatMap(({ query, key }) => [query.rotation, key.rotation]).filter((one) => one !== undefined);
	const operators = new Set(rotations.flatMap((one) => [...one.operators]));
	for (const { last } of rotations) operators.delete(last);
	const known = new Set([...operators, ...rotations.map(({ last }) => last)]);
	for (const { output } of operators)
		for (const tensor of output)
			if (links.readers(tensor).some((reader) => reader === 'output' || (reader.opType !== 'Shape' && !known.has(reader))))
				throw refusal(fileName, tensor, 'angles that others read too', 'angles of rotary embeddings alone');
}
