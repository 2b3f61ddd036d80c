/** What is asked of a child process, and what it answers. */
import { z } from 'zod';

const policySchema = z.discriminatedUnion('kind', [
	/** The whole model in one session, set up as the streamed units are, or with rearranged weights too, or as the runtime would by default. */
	z.strictObject({ kind: z.literal('resident'), like: z.enum(['streamed', 'session-per-unit', 'default']) }),
	z.strictObject({
		kind: z.literal('window'),
		window: z.int().min(1),
		group: z.int().min(1),
		mode: z.enum(['batch', 'sequential']),
	}),
	z.strictObject({ kind: z.literal('pin-and-ring'), pinned: z.array(z.int()), slots: z.int().min(1) }),
	/** A session per unit, made and released each time: keeps rearranged weights. */
	z.strictObject({ kind: z.literal('session-per-unit') }),
]);

export const executeJobSchema = z.strictObject({
	do: z.literal('execute'),
	folder: z.string(),
	policy: policySchema,
	/** Measured passes, after one that is not. */
	passes: z.int().min(1),
	link: z.strictObject({ latencySeconds: z.number(), bytesPerSecond: z.number().positive() }).nullable(),
	/** Writes the results of the last pass to this file. */
	resultFile: z.string().nullable(),
});

export const executeAnswerSchema = z.strictObject({
	/** Resident set of the process with the runtime loaded and no model. */
	bareBytes: z.number(),
	peakBytes: z.number(),
	passSeconds: z.array(z.number()),
	/** Median time of each part, in order. Empty for the resident run. */
	partSeconds: z.array(z.number()),
	/** Waiting for weights, over the measured passes. */
	waitSeconds: z.number(),
	/** Resident set with sessions and no weights; 0 where sessions hold weights. */
	sessionBytes: z.number(),
	/** Making sessions, over the measured passes. */
	sessionSeconds: z.number(),
	bytesRead: z.number(),
	unitsRead: z.number(),
	/** Of all results of a pass; one for each pass. */
	hashes: z.array(z.string()),
	resident: z.array(z.strictObject({ seconds: z.number(), bytes: z.number() })),
	spans: z.array(z.strictObject({ lane: z.enum(['in', 'compute']), unit: z.int(), start: z.number(), end: z.number() })),
});

export const prepareJobSchema = z.strictObject({
	do: z.literal('prepare'),
	folder: z.string(),
	/** The ONNX file; files it refers to lie beside it. */
	modelPath: z.string(),
	dimensions: z.record(z.string(), z.int().min(1)),
	units: z.int().min(1),
	/** Results that may cross a cut. */
	crossingTensors: z.int().min(1),
	largestSharedBytes: z.number().nullable(),
	seed: z.int(),
});

export type Policy = z.output<typeof policySchema>;
export type ExecuteJob = z.output<typeof executeJobSchema>;
export type ExecuteAnswer = z.output<typeof executeAnswerSchema>;
export type PrepareJob = z.output<typeof prepareJobSchema>;

/** What a child sends: an answer, or what went wrong. */
export const messageSchema = z.discriminatedUnion('is', [
	z.strictObject({ is: z.literal('progress'), fraction: z.number(), note: z.string() }),
	z.strictObject({ is: z.literal('answer'), answer: z.unknown() }),
	z.strictObject({
		is: z.literal('mistake'),
		path: z.array(z.union([z.string(), z.number()])),
		found: z.string(),
		expected: z.string(),
	}),
	z.strictObject({ is: z.literal('failure'), message: z.string() }),
]);
