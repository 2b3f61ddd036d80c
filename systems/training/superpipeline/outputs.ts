/** What a run answers, as plain JSON. */
import { result } from '@assay/contract';
import { z } from 'zod';
import { LANES } from './schedule/spans.ts';

const bytes = (help: string) => result({ unit: 'B', help });
const seconds = (help: string) => result({ unit: 's', help });
const share = (help: string) => result({ unit: '1', help });
const tally = (unit: string, help: string) => z.int().min(0).meta({ unit, description: help });

const memoryParts = {
	weightBytes: bytes('Weights on the device.'),
	gradientBytes: bytes('Gradients on the device.'),
	optimizerBytes: bytes('Optimizer state on the device.'),
	activationBytes: bytes('Activations, keys and values, whatever is computed with.'),
	totalBytes: bytes('All of it.'),
};

const planFacts = {
	label: z.string(),
	policy: z.enum(['resident', 'window', 'pin-and-ring']),
	window: tally('units', 'Units on the device at once (k); of a ring, pinned units and slots.'),
	group: tally('units', 'Units that travel together (kp).'),
	mode: z.enum(['batch', 'sequential']).nullable(),
	pinned: tally('units', 'Units that stay.'),
	slots: tally('slots', 'Slots of the ring; 0 without one.'),
};

export const plan = z.strictObject({
	...planFacts,
	...memoryParts,
	passSeconds: seconds('Time of a pass or step in the long run.'),
	computeSeconds: seconds('Computing in it.'),
	waitInSeconds: seconds('Waiting for weights to come.'),
	waitOutSeconds: seconds('Waiting because something had to leave first, or for the host’s update.'),
	slowdown: share('Time of a pass over that of the resident run on a device large enough.'),
	weightsSaved: share('Share of weight memory saved against the resident run.'),
	allSaved: share('Share of all memory saved against the resident run.'),
	unitsIn: result({ unit: 'units', help: 'Units brought in each pass.' }),
});

const unit = z.strictObject({
	name: z.string(),
	weightBytes: bytes('Weights.'),
	flops: result({ unit: 'FLOP', help: 'Operations of a pass; null where they were measured as time alone.' }).nullable(),
	seconds: seconds('Time on the device.'),
	outputBytes: bytes('What it hands on.'),
	carries: z.string(),
});

const span = z.strictObject({
	lane: z.enum(LANES),
	unit: z.int().meta({ unit: '1', description: 'Number of the unit; -1 for a part that stays.' }),
	start: seconds('Start.'),
	end: seconds('End.'),
});

const planned = z.strictObject({
	model: z.string(),
	machine: z.string(),
	use: z.enum(['prompt', 'generate', 'train']),
	passTokens: tally('tokens', 'Tokens that a pass reads or gives.'),
	deviceBytes: bytes('Memory of the device.'),
	capBytes: bytes('Memory that may be used.'),
	linkBytesPerSecond: result({ unit: 'B/s', help: 'Rate of the link, each direction.' }),
	linkKnown: z.boolean(),
	hostBytes: bytes('Host memory that the model takes.'),
	hostHas: bytes('Host memory of the machine; null where it is not known.').nullable(),
	residentFits: z.boolean(),
	resident: plan,
	chosen: plan,
	/** The best plan of each kind under the cap. */
	bestWindow: plan.nullable(),
	bestRing: plan.nullable(),
	smallest: plan,
	front: z.array(plan),
	candidates: z.array(
		z.strictObject({ policy: z.string(), totalBytes: bytes('Memory.'), passSeconds: seconds('Time of a pass.') }),
	),
	evaluated: tally('schedules', 'Schedules that were simulated.'),
	spans: z.array(span),
	memory: z.array(z.strictObject({ seconds: seconds('Time.'), part: z.string(), bytes: bytes('On the device.') })),
});

const measuredRun = z.strictObject({
	way: z.string(),
	bitsLike: z.string(),
	window: tally('units', 'Units in memory at once.'),
	peakBytes: bytes('Largest resident set beyond the bare process, measured.'),
	predictedBytes: bytes('Predicted for it; null where nothing is predicted.').nullable(),
	savedShare: share('Share saved against the resident run set up alike.'),
	medianSeconds: seconds('Median time of a pass, measured.'),
	predictedSeconds: seconds('Simulated; null where nothing is.').nullable(),
	waitSeconds: seconds('Waiting for weights in a pass, measured.'),
	sessionSeconds: seconds('Making sessions in a pass, measured.'),
	bytesPerPass: bytes('Read in a pass.'),
	sameBits: z.boolean().nullable(),
	largestDifference: share('Largest difference from the default session, relative to its largest result.'),
});

const ran = z.strictObject({
	model: z.string(),
	cutBy: z.enum(['repetition', 'balance']),
	sessions: tally('graphs', 'Distinct graphs.'),
	operators: tally('operators', 'Operators of the model.'),
	streamedBytes: bytes('Weights of all units.'),
	sharedBytes: bytes('Weights that stay.'),
	activationBytes: bytes('Most that is handed on at once.'),
	linkBytesPerSecond: result({ unit: 'B/s', help: 'Rate of reading, from two sizes, or as held back.' }),
	linkLatencySeconds: seconds('Time of a read beside its bytes.'),
	plan: z.strictObject(planFacts),
	bareBytes: bytes('Resident set of the process with the runtime and no model.'),
	runs: z.array(measuredRun),
	resident: z.array(z.strictObject({ way: z.string(), seconds: seconds('Time.'), bytes: bytes('Beyond the bare process.') })),
	spans: z.array(span),
});

const trained = z.strictObject({
	parameters: tally('parameters', 'Trained parameters.'),
	steps: tally('steps', 'Steps.'),
	firstLoss: result({ unit: 'nat', help: 'Mean loss before the first step.' }),
	lastLoss: result({ unit: 'nat', help: 'Mean loss before the last step.' }),
	residentBytes: bytes('Memory of the resident trainer.'),
	runs: z.array(
		z.strictObject({
			way: z.string(),
			window: tally('blocks', 'Blocks on the device.'),
			optimizer: z.enum(['host', 'device']),
			sameBits: z.boolean(),
			unitsIn: tally('blocks', 'Brought in each step, counted.'),
			unitsOut: tally('blocks', 'Sent out each step, counted.'),
			expectedIn: tally('blocks', 'By the formula.'),
			expectedOut: tally('blocks', 'By the formula.'),
			deviceBytes: bytes('Device memory in use.'),
			hostBytes: bytes('Host memory in use.'),
		}),
	),
	losses: z.array(z.strictObject({ step: tally('1', 'Step.'), loss: result({ unit: 'nat', help: 'Mean loss.' }) })),
});

export const outputs = z.strictObject({
	mode: z.enum(['plan', 'run-here', 'train-here']),
	answer: z.string(),
	notes: z.array(z.string()),
	units: z.array(unit),
	planned: planned.nullable(),
	ran: ran.nullable(),
	trained: trained.nullable(),
});

export type Outputs = z.output<typeof outputs>;
export type PlanOutput = z.output<typeof plan>;
export type Planned = z.output<typeof planned>;
export type Ran = z.output<typeof ran>;
export type MeasuredRun = z.output<typeof measuredRun>;
export type Trained = z.output<typeof trained>;
