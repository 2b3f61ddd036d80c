/**
 * The words inputs and outputs are written in. Each builder returns an ordinary zod schema that also carries what a
 * person needs to fill it in: a unit, bounds, a default and a sentence of help. The command line's flags, the web form,
 * the REST schema and the documentation are read back from these (see `describe.ts`), so nothing is written twice.
 */
import { z } from 'zod';

/** Metadata every number carries. `unit` is '1' for pure numbers, ratios and counts of nothing in particular. */
export interface NumberMeta {
	readonly unit: string;
	readonly description: string;
}

interface NumberOptions {
	/** Unit as the field writes it: `s`, `B`, `requests/s`, `W`, `J/bit`, `1`. */
	readonly unit: string;
	readonly min: number;
	readonly max: number;
	readonly default: number;
	/** One sentence that says what the number is. */
	readonly help: string;
}

/** A real number with unit, bounds (inclusive) and default. */
export function quantity(options: NumberOptions) {
	return z
		.number()
		.min(options.min)
		.max(options.max)
		.default(options.default)
		.meta({ unit: options.unit, description: options.help });
}

/** An integer with unit, bounds (inclusive) and default. */
export function count(options: NumberOptions) {
	return z
		.int()
		.min(options.min)
		.max(options.max)
		.default(options.default)
		.meta({ unit: options.unit, description: options.help });
}

/** A real number that may be left out, when the system can derive it; help must say from what. */
export function optionalQuantity(options: Omit<NumberOptions, 'default'>) {
	return z.number().min(options.min).max(options.max).optional().meta({ unit: options.unit, description: options.help });
}

/** An integer that may be left out, when the system can derive it; help must say from what. */
export function optionalCount(options: Omit<NumberOptions, 'default'>) {
	return z.int().min(options.min).max(options.max).optional().meta({ unit: options.unit, description: options.help });
}

/** A number without a default: an element of a list or of a table that the user brings. */
export function requiredQuantity(options: Omit<NumberOptions, 'default'>) {
	return z.number().min(options.min).max(options.max).meta({ unit: options.unit, description: options.help });
}

/** One of a few names. */
export function choice<const T extends readonly [string, ...string[]]>(
	values: T,
	options: { readonly default: T[number]; readonly help: string },
) {
	// The default is one of the values by the signature; zod's own type for it is computed per member and cannot see that.
	return z
		.enum(values)
		.default(options.default as never)
		.meta({ description: options.help });
}

/** A yes or no. */
export function flag(options: { readonly default: boolean; readonly help: string }) {
	return z.boolean().default(options.default).meta({ description: options.help });
}

/** Free text, at most `maxLength` characters (200 unless told). */
export function text(options: { readonly default: string; readonly help: string; readonly maxLength?: number }) {
	return z
		.string()
		.max(options.maxLength ?? 200)
		.default(options.default)
		.meta({ description: options.help });
}

/**
 * A reference to data: the name of a known source (`assay data list`), or a file the user brings. Faces turn a local
 * path or an upload into `blob:<sha256>/<file name>` before a run starts, so a run can be repeated after the file changed.
 * A system reads it with `context.open(reference)`.
 */
export function dataReference(options: { readonly help: string; readonly mediaTypes: readonly string[] }) {
	return z
		.string()
		.min(1)
		.max(1024)
		.meta({ description: options.help, dataReference: true, mediaTypes: [...options.mediaTypes] });
}

/** A number among the outputs. It is finite; a figure that does not exist is `null` (`.nullable()`). */
export function result(options: { readonly unit: string; readonly help: string }) {
	return z.number().meta({ unit: options.unit, description: options.help });
}
