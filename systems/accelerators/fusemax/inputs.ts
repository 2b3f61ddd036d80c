/** What a user brings. Every number carries its unit, bounds, default and a sentence of help. */
import { choice, count, dataReference, flag, optionalCount, quantity, requiredQuantity, text } from '@assay/contract';
import { modelInput } from '@assay/models';
import { arithmeticFormats } from '@assay/models/einsum';
import { z } from 'zod';
import { cloud, cloudBaseline } from './accelerator.ts';
import { builtInCascades } from './cascades/built-in-cascades.ts';
import { PUBLISHED_BATCH, publishedLengths } from './subject/published-shapes.ts';

const MEBIBYTE = 2 ** 20;
const width = (help: string) => optionalCount({ unit: '1', min: 1, max: 100_000, help });

const shape = z
	.strictObject({
		heads: optionalCount({ unit: 'heads', min: 1, max: 100_000, help: 'Query heads. Given, these fields win over the model.' }),
		kvHeads: optionalCount({
			unit: 'heads',
			min: 1,
			max: 100_000,
			help: 'Heads of keys and values. Left out: as many as query heads.',
		}),
		queryKeyWidth: width('E: width of queries and keys in a head.'),
		valueWidth: width('F: width of values in a head. Left out: as queries and keys.'),
		modelWidth: width('D: width of the model, for the projections. Left out: attention alone.'),
		feedForwardWidth: width('S: inner width of the feed-forward, beside modelWidth. Left out: none.'),
	})
	.prefault({});

const onnx = z
	.strictObject({
		file: dataReference({
			help: 'An ONNX file: its attention is found and wins over the model, with its own batch and lengths.',
			mediaTypes: ['application/octet-stream'],
		}).optional(),
		dimensions: text({ default: '', maxLength: 1000, help: 'Sizes that the file leaves open: batch=8, sequence=4096.' }),
	})
	.prefault({});

const picojoules = (standard: number, help: string) => quantity({ unit: 'pJ', min: 0, max: 1e9, default: standard, help });
const micrometres = (standard: number, help: string) => quantity({ unit: 'µm²', min: 0, max: 1e9, default: standard, help });

const accelerator = z
	.strictObject({
		side: count({
			unit: 'elements',
			min: 1,
			max: 4096,
			default: cloud.array.rows,
			help: 'Rows and columns of the 2D array; the 1D array is as long.',
		}),
		megahertz: quantity({ unit: 'MHz', min: 0.001, max: 1e5, default: cloud.array.clockHertz / 1e6, help: 'Clock.' }),
		wordBytes: count({ unit: 'B', min: 1, max: 8, default: cloud.wordBytes, help: 'Bytes of a number.' }),
		bufferMebibytes: quantity({
			unit: 'MiB',
			min: 0,
			max: 1e6,
			default: cloud.buffer.bytes / MEBIBYTE,
			help: 'Global buffer of the one-pass design.',
		}),
		baselineBufferMebibytes: quantity({
			unit: 'MiB',
			min: 0,
			max: 1e6,
			default: cloudBaseline.buffer.bytes / MEBIBYTE,
			help: 'Global buffer of FLAT and of the unfused design: twice as much in the published comparison, for their smaller registers.',
		}),
		gigabytesPerSecond: quantity({
			unit: 'GB/s',
			min: 0.001,
			max: 1e6,
			default: cloud.bytesPerSecond / 1e9,
			help: 'Memory bandwidth.',
		}),
		energy: z
			.strictObject({
				multiplyAccumulate: picojoules(17.1645, 'A multiply-accumulate.'),
				addition: picojoules(8.3395, 'An addition.'),
				maximum: picojoules(0.028036, 'A maximum.'),
				exponential: picojoules(94.6475, 'An exponential on FLAT’s unit; FuseMax takes six multiply-accumulates.'),
				division: picojoules(36.251153, 'A division.'),
				memory: picojoules(249.6, '8 bytes from or to memory.'),
				buffer: picojoules(13_400, '512 bytes from or to the one-pass design’s global buffer (fitted).'),
				baselineBuffer: picojoules(25_200, 'The same of the baselines’ larger one (fitted).'),
			})
			.prefault({}),
		area: z
			.strictObject({
				multiplyAccumulate: micrometres(1545, 'A multiply-accumulate unit.'),
				registers2d: micrometres(4255.9342, 'Registers of an element of the 2D array.'),
				registers1d: micrometres(16_849.2142, 'Registers of an element of the 1D array.'),
				mebibyte: micrometres(Number((94_176_255.9664 / 16).toPrecision(12)), 'A mebibyte of global buffer.'),
			})
			.prefault({}),
	})
	.prefault({});

const cascade = z
	.strictObject({
		text: text({
			default: builtInCascades['one-pass'].text.trim(),
			maxLength: 20_000,
			help: 'The cascade whose passes are proved: one-pass, two-pass, three-pass, no-maximum, layer-norm-two-step, layer-norm-sums, or your own text; a statement ends with its line or a semicolon.',
		}),
		file: dataReference({ help: 'A file with the cascade’s text. Wins over the text.', mediaTypes: ['text/plain'] }).optional(),
		rank: text({ default: 'm', maxLength: 40, help: 'The rank whose passes are counted.' }),
	})
	.prefault({});

const numeric = z
	.strictObject({
		keys: count({
			unit: 'keys',
			min: 1,
			max: 65_536,
			default: 200,
			help: 'Keys of the random attention that the cascade computes; 200 leaves the last tile unfilled.',
		}),
		queries: count({ unit: 'queries', min: 1, max: 65_536, default: 32, help: 'Queries.' }),
		width: count({ unit: '1', min: 1, max: 1024, default: 32, help: 'E and F of the random attention.' }),
		tile: count({ unit: 'keys', min: 1, max: 65_536, default: 64, help: 'Keys in a tile.' }),
		formats: z
			.array(z.enum(arithmeticFormats).meta({ description: 'Arithmetic.' }))
			.max(4)
			.default([...arithmeticFormats])
			.meta({ description: 'Arithmetics to compute in; none to leave it out.' }),
	})
	.prefault({});

export const inputs = z.strictObject({
	model: modelInput('bert'),
	shape,
	onnx,
	lengths: z
		.array(requiredQuantity({ unit: 'tokens', min: 1, max: 2 ** 30, help: 'Keys of a sequence.' }).int())
		.min(1)
		.max(24)
		.default([...publishedLengths])
		.meta({ description: 'Sequence lengths (keys and, unless queries are given, queries).' }),
	queries: optionalCount({ unit: 'tokens', min: 1, max: 2 ** 30, help: 'Queries of a sequence. Left out: as many as keys.' }),
	batch: count({ unit: 'sequences', min: 1, max: 1_000_000, default: PUBLISHED_BATCH, help: 'Sequences.' }),
	padding: choice(['allowed', 'refused'], {
		default: 'allowed',
		help: 'Lengths that are no multiple of the array’s side: tiles are padded, or the run is refused.',
	}),
	accelerator,
	includeRegisters: flag({
		default: false,
		help: 'Count the energy of registers in all elements; the published totals in effect leave it out.',
	}),
	cascade,
	numeric,
});

export type Inputs = z.output<typeof inputs>;
