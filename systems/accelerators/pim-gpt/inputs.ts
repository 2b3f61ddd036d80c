/** What a user brings. Every number carries its unit, bounds, default and a sentence of help. */
import { choice, count, dataReference, flag, optionalCount, optionalQuantity, quantity, text } from '@assay/contract';
import { machineInput } from '@assay/machines';
import { modelInput } from '@assay/models';
import { z } from 'zod';
import { timingPresets } from './hardware/timing.ts';

const nanoseconds = (help: string) => optionalQuantity({ unit: 'ns', min: 0, max: 1e6, help: `${help} Left out: the preset’s.` });
const milliwatts = (standard: number, help: string) => quantity({ unit: 'mW', min: 0, max: 1e6, default: standard, help });
const milliamperes = (standard: number, help: string) => quantity({ unit: 'mA', min: 0, max: 1e5, default: standard, help });
const bus = quantity({ unit: 'pJ/bit', min: 0, max: 1000, default: 5.5, help: 'Energy of a bit on a channel’s bus.' });

const hardware = z
	.strictObject({
		channels: count({ unit: 'channels', min: 1, max: 4096, default: 8, help: 'Channels of GDDR6, each with its banks.' }),
		banks: count({ unit: 'banks', min: 1, max: 16, default: 16, help: 'Banks of a channel, with a multiplier unit each.' }),
		rowsPerBank: count({ unit: 'rows', min: 16, max: 1_048_576, default: 16_384, help: 'Rows of 2 KiB in a bank.' }),
		multipliersPerBank: count({
			unit: 'multipliers',
			min: 4,
			max: 64,
			default: 16,
			help: 'Weights that a bank multiplies with one command, a power of two; with more than 16 a column is wider than AiM’s 256 bits.',
		}),
		precision: choice(['bf16', 'int8'], {
			default: 'bf16',
			help: 'Of weights, keys, values and vectors. The chips multiply BF16; int8 is what banks with twice as many multipliers of half the width would do.',
		}),
		pins: count({ unit: 'pins', min: 1, max: 128, default: 16, help: 'Data pins of a channel.' }),
		gigabitsPerSecondPerPin: quantity({ unit: 'Gb/s', min: 0.1, max: 64, default: 16, help: 'Data rate of a pin.' }),
		concatenate: flag({ default: true, help: 'Outputs follow each other in a bank’s rows; otherwise each starts a row.' }),
		refresh: flag({ default: true, help: 'Refresh the memory. Off for comparisons with closed forms.' }),
	})
	.prefault({});

const timing = z
	.strictObject({
		preset: choice(['paper', 'aim'], {
			default: 'paper',
			help: `PIM-GPT’s own timing (a cycle is ${timingPresets.paper.cycleNanoseconds} ns), or SK hynix AiM’s as measured (${timingPresets.aim.cycleNanoseconds} ns).`,
		}),
		tRCD: nanoseconds('From opening a row to its first multiply, read or write.'),
		tRP: nanoseconds('From closing a row to opening another.'),
		tCCD: nanoseconds('Between columns.'),
		tRAS: nanoseconds('A row stays open at least.'),
		tRTP: nanoseconds('From the last column to closing.'),
		tWR: nanoseconds('From written data to closing.'),
		tRFC: nanoseconds('Duration of a refresh.'),
		tREFI: nanoseconds('Between refreshes; longer than tRFC.'),
		resultRegisters: optionalCount({
			unit: 'registers',
			min: 1,
			max: 1024,
			help: 'Results that wait in a bank until they are read. Left out: the preset’s.',
		}),
	})
	.prefault({});

const asic = z
	.strictObject({
		adders: count({ unit: 'adders', min: 1, max: 65_536, default: 256, help: 'Additions a cycle.' }),
		multipliers: count({ unit: 'multipliers', min: 1, max: 65_536, default: 128, help: 'Multiplications a cycle.' }),
		gigahertz: quantity({ unit: 'GHz', min: 0.001, max: 10, default: 1, help: 'Its clock.' }),
		activeMilliwatts: milliwatts(305, 'Power at work.'),
		leakageMilliwatts: milliwatts(30, 'Power always; assumed to be a tenth of the peak.'),
	})
	.prefault({});

const energy = z
	.strictObject({
		from: choice(['powers', 'currents'], {
			default: 'powers',
			help: 'Powers of a channel as in CENT’s script for AiM, or currents of a data sheet as in DRAMPower.',
		}),
		activeStandbyMilliwatts: milliwatts(263.75, 'A channel with a row open.'),
		prechargeStandbyMilliwatts: milliwatts(183.15, 'A channel with no row open.'),
		activateMilliwatts: milliwatts(66.3, 'Opening and closing a row of one bank, over 44.5 ns.'),
		readMilliwatts: milliwatts(438.15, 'Reading 32 bytes, over 1.25 ns; a column of all banks is three times that, over 1 ns.'),
		writeMilliwatts: milliwatts(553.15, 'Writing 32 bytes, over 1.25 ns.'),
		refreshMilliwatts: milliwatts(168.75, 'Refreshing all banks, beyond standby: 135 mA at 1.25 V, for CENT’s table has none.'),
		picojoulesPerBit: bus,
		volts: quantity({ unit: 'V', min: 0.1, max: 5, default: 1.25, help: 'Supply, for currents.' }),
		idd0: milliamperes(122, 'Opening and closing rows.'),
		idd2n: milliamperes(92, 'Standby, no row open.'),
		idd3n: milliamperes(142, 'Standby, a row open.'),
		idd4r: milliamperes(530, 'Reading without pause.'),
		idd4w: milliamperes(470, 'Writing without pause.'),
		idd5b: milliamperes(277, 'Refreshing without pause.'),
	})
	.prefault({});

const sweep = z
	.strictObject({
		firstContext: count({
			unit: 'tokens',
			min: 1,
			max: 1_000_000,
			default: 1,
			help: 'First token generated attends to so many.',
		}),
		lastContext: count({
			unit: 'tokens',
			min: 1,
			max: 1_000_000,
			default: 1024,
			help: 'Last token generated attends to so many.',
		}),
		points: count({
			unit: 'tokens',
			min: 1,
			max: 4096,
			default: 128,
			help: 'Tokens among them that are simulated, evenly spread, both ends included.',
		}),
	})
	.prefault({});

const baseline = z
	.strictObject({
		name: text({ default: 'your machine', help: 'What it is called in the report.' }),
		tokensPerSecond: optionalQuantity({
			unit: 'tokens/s',
			min: 1e-6,
			max: 1e9,
			help: 'What you measured for one sequence of this model. Left out: nothing is compared with a measurement.',
		}),
		watts: optionalQuantity({
			unit: 'W',
			min: 0.001,
			max: 1e6,
			help: 'What it drew meanwhile. Left out: energies are not compared.',
		}),
	})
	.prefault({});

const functional = z
	.strictObject({
		weights: dataReference({
			help: 'A safetensors file with GPT-2’s names. Left out: random weights of the size below.',
			mediaTypes: ['application/octet-stream'],
		}).optional(),
		heads: optionalCount({
			unit: 'heads',
			min: 1,
			max: 1024,
			help: 'Attention heads. Left out: heads of 64 for a file, 4 for random weights.',
		}),
		layers: count({ unit: 'layers', min: 1, max: 12, default: 2, help: 'Layers of the random GPT.' }),
		width: count({ unit: '1', min: 4, max: 512, default: 64, help: 'Its width.' }),
		vocabulary: count({ unit: 'tokens', min: 2, max: 8192, default: 256, help: 'Its vocabulary.' }),
		firstToken: count({ unit: '1', min: 0, max: 1_000_000, default: 1, help: 'Token to begin with.' }),
		steps: count({ unit: 'tokens', min: 1, max: 1024, default: 64, help: 'Tokens generated greedily.' }),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(['simulate', 'functional', 'replay-trace'], {
		default: 'simulate',
		help: 'simulate a model’s tokens on the machine; compute a GPT’s tokens through the mapped banks; or time a trace of the AiM simulator.',
	}),
	model: modelInput('gpt2-xl'),
	contextTokens: count({
		unit: 'tokens',
		min: 1,
		max: 1_000_000,
		default: 512,
		help: 'The token that is looked at closely attends to so many, itself included.',
	}),
	memoryTokens: optionalCount({
		unit: 'tokens',
		min: 1,
		max: 1_000_000,
		help: 'Keys and values have room for so many. Left out: the longest sequence of this run.',
	}),
	sweep,
	hardware,
	timing,
	asic,
	energy,
	machine: machineInput('rtx-4090'),
	baseline,
	exportTrace: choice(['none', 'layer', 'token'], {
		default: 'layer',
		help: 'Keep the commands of the first layer, or of the whole token, as a trace for the AiM simulator.',
	}),
	trace: dataReference({ help: 'A trace of the AiM simulator, for mode replay-trace.', mediaTypes: ['text/plain'] }).optional(),
	functional,
});

export type Inputs = z.output<typeof inputs>;
