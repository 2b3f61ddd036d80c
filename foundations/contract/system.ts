/** A paper's system, as every face of Assay sees it. */
import type { z } from 'zod';
import type { Advise } from './advise.ts';
import type { Calibration } from './calibration.ts';
import type { Claim } from './claim.ts';
import type { RunContext } from './context.ts';
import { parseOrExplain } from './describe.ts';
import type { Panel } from './panel.ts';

/** Facts for the list of systems; plain data, loaded eagerly, so it imports no code. */
export interface Card {
	/** Lower-case words joined by hyphens; the name on the command line. */
	readonly slug: string;
	readonly title: string;
	/** The user's question that the system answers. */
	readonly question: string;
	readonly domain: string;
	/** Raised whenever the same inputs and seed may give other outputs. */
	readonly version: number;
	readonly paper: {
		readonly title: string;
		readonly arxiv: string;
		readonly year: number;
		readonly authors: readonly string[];
		readonly venue?: string;
		readonly code?: string;
	};
	/** `anywhere`: also in a browser's Web Worker. `node`: needs files, threads or native code. */
	readonly runsOn: 'anywhere' | 'node';
	/** What one run may use where others work beside it. */
	readonly limits: RunLimits;
}

/** Beyond these a run on shared workers is ended and counts as failed. */
export interface RunLimits {
	/** At most a day, less the minute that ending it may take. */
	readonly seconds: number;
	/** Resident memory of the process that works on the run. */
	readonly bytes: number;
}

/** Named inputs. `inputs` may leave out whatever has a default. */
export interface Example<Inputs> {
	readonly name: string;
	readonly says: string;
	readonly inputs: Inputs;
}

/**
 * The contract. `inputs` is a strict object schema whose every number has unit, bounds, help and (at top level) a default;
 * `outputs` is a schema whose value is plain JSON (no NaN, no infinities). `run` is a pure function of (inputs, seed):
 * same in, same bytes out, whatever the number of threads.
 */
export interface System<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
	readonly card: Card;
	readonly inputs: I;
	readonly outputs: O;
	/** The first is the default and is real: what `assay run <slug>` does with no further word. */
	readonly examples: readonly [Example<z.input<I>>, ...Example<z.input<I>>[]];
	run(inputs: z.output<I>, context: RunContext): Promise<z.output<O>>;
	/** The answer in one line. */
	headline(outputs: z.output<O>, inputs: z.output<I>): string;
	/** Panels for any valid output; never throws. */
	report(outputs: z.output<O>, inputs: z.output<I>): Panel[];
	readonly claims: readonly Claim[];
	readonly advise?: Advise<z.input<I>, z.output<O>>;
	/** Path of the input that says how much effort a run takes (samples, episodes): with less it is quicker and rougher. */
	readonly fidelity?: string;
	/** Shown beside every prediction; a system that advises has one. */
	readonly calibration?: Calibration;
}

/** Checks a system's parts against each other by type and returns it with its types forgotten no more than needed. */
export function defineSystem<I extends z.ZodType, O extends z.ZodType>(system: System<I, O>): System<I, O> {
	return system;
}

/** Parses raw inputs (defaults filled in) or raises one `InputError`. */
export function parseInputs<I extends z.ZodType, O extends z.ZodType>(system: System<I, O>, raw: unknown): z.output<I> {
	return parseOrExplain(system.inputs, raw);
}
