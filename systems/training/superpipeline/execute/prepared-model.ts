/** A model made ready for streaming, in a folder: small graphs, and one file in which each unit's weights lie in one piece. */
import { z } from 'zod';

const place = z.strictObject({
	/** What the session calls it. */
	name: z.string(),
	type: z.string(),
	dims: z.array(z.int()),
	/** From the start of the unit's weights, of the shared file, or of the file of inputs. */
	offset: z.int().min(0),
	bytes: z.int().min(0),
});

const connection = z.strictObject({
	/** What the session calls it. */
	name: z.string(),
	/** What the model calls it. */
	tensor: z.string(),
});

const part = z.strictObject({
	/** Number of the streamed unit; null for a part that stays. */
	unit: z.int().nullable(),
	operators: z.int(),
	/** Graph whose weights are inputs; parts of equal signature name the same file. */
	session: z.string(),
	/** Graph with weights of its own in the weight files. */
	ownSession: z.string(),
	inputs: z.array(connection),
	outputs: z.array(connection),
	/** Fed from a slot. */
	streamed: z.array(place),
	/** Fed from what stays: tied weights, norms, weights of parts that stay. */
	shared: z.array(place),
	/** Where the unit's weights lie in the weight file. */
	fileOffset: z.int(),
	bytes: z.int(),
	/** Of what it hands on. */
	outputBytes: z.int(),
});

export const preparedModelSchema = z.strictObject({
	parts: z.array(part),
	inputs: z.array(place),
	outputs: z.array(z.string()),
	by: z.enum(['repetition', 'balance']),
	/** Of all units. */
	streamedBytes: z.int(),
	/** Size of the shared file. */
	sharedBytes: z.int(),
	/** Largest sum of activations that are there at once between two parts. */
	activationBytes: z.int(),
	sessions: z.int(),
	operators: z.int(),
});

/** Everything an executor needs to know; the files lie beside it. */
export type PreparedModel = z.output<typeof preparedModelSchema>;
export type PreparedPart = PreparedModel['parts'][number];
export type Place = PreparedPart['streamed'][number];
