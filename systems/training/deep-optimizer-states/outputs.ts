/** What a run gives back: plain JSON, every number with its unit. */
import { result } from '@assay/contract';
import { z } from 'zod';

const seconds = (help: string) => result({ unit: 's', help });
const bytes = (help: string) => result({ unit: 'B', help });
const rate = (help: string) => result({ unit: 'parameters/s', help });

const step = z.strictObject({
	forward: seconds('Forward pass.'),
	backward: seconds('Backward pass with the flush of gradients.'),
	update: seconds('Update phase.'),
	other: seconds('Outside the three phases.'),
	total: seconds('Whole step.'),
});

const setting = z.strictObject({
	name: z.string(),
	ratio: result({ unit: '1', help: 'Share of the optimizer state that is offloaded.' }),
	stride: result({ unit: 'sub-groups', help: 'Stride; null is the default update.' }).nullable(),
	subGroupSize: result({ unit: 'parameters', help: 'DeepSpeed’s sub_group_size.' }),
	step,
	updatesPerSecond: rate('Parameters of the model over the time of the update phase.'),
	labelUpdatesPerSecond: rate('The size that the model’s label claims over the time of the update phase.').nullable(),
	peakBytes: bytes('Most memory of one GPU.'),
	hostBytes: bytes('Host memory of one GPU’s share.'),
	isFeasible: z.boolean(),
	missingBytes: bytes('What is missing where it does not fit.'),
	missingWhere: z.enum(['GPU', 'host']).nullable(),
});

const plan = z.strictObject({
	model: z.strictObject({
		name: z.string(),
		parameters: result({ unit: 'parameters', help: 'Parameters, counted.' }),
		labelParameters: result({ unit: 'parameters', help: 'Parameters that the label claims.' }).nullable(),
	}),
	machine: z.string(),
	ranks: result({ unit: 'GPUs', help: 'GPUs among which everything is split.' }),
	parametersPerRank: result({ unit: 'parameters', help: 'Parameters of one GPU.' }),
	subGroups: z.strictObject({
		count: result({ unit: 'sub-groups', help: 'Sub-groups of one GPU.' }),
		largest: result({ unit: 'parameters', help: 'Parameters of the largest.' }),
		pattern: z.string(),
	}),
	rates: z.strictObject({
		source: z.string(),
		inlineCpu: rate('Adam on the CPU with conversion and copy in line.'),
		cpu: rate('Adam on the CPU.'),
		link: result({ unit: 'B/s', help: 'Between host and GPU, each direction.' }),
		gpu: rate('Adam on the GPU.'),
		flush: rate('Blocking flush of gradients.'),
	}),
	fit: z
		.array(
			z.strictObject({
				rate: z.string(),
				relativeUncertainty: result({ unit: '1', help: 'Half-width of the 95 % interval over the rate.' }).nullable(),
			}),
		)
		.meta({ description: 'Of the rates fitted to the user’s own measurements; empty without any.' }),
	residuals: z.array(
		z.strictObject({
			ratio: result({ unit: '1', help: 'Offloaded share.' }),
			stride: result({ unit: 'sub-groups', help: 'Stride.' }).nullable(),
			measured: seconds('Measured update.'),
			predicted: seconds('Predicted update.'),
		}),
	),
	computeSource: z.string(),
	/** The default update, the asynchronous flush alone, and each stride, at the asked ratio and sub-group size. */
	strategies: z.array(setting),
	/** TwinFlow alone: the default update at each ratio. */
	twinFlow: z.array(setting),
	baseline: setting.nullable().meta({ description: 'The fastest default update that fits, over all ratios.' }),
	best: setting.nullable().meta({ description: 'The fastest setting with a stride that fits.' }),
	/** Shortest step by ratio and stride, over sub-group sizes that fit. */
	map: z.array(
		z.strictObject({
			ratio: result({ unit: '1', help: 'Offloaded share.' }),
			stride: z.string(),
			total: seconds('Whole step.').nullable(),
		}),
	),
	/** The time in which CPU and link together, both never idle, could update everything. */
	limitSeconds: seconds('Least time of the update with perfect balance between CPU and link.'),
	simulatedUpdateSeconds: seconds('Update phase of the shown stride, simulated job by job.'),
	utilisation: z.array(
		z.strictObject({ lane: z.string(), share: result({ unit: '1', help: 'Share of the update phase at work.' }) }),
	),
	timeline: z.array(
		z.strictObject({
			lane: z.string(),
			job: z.string(),
			start: seconds('Start.'),
			end: seconds('End.'),
		}),
	),
	memory: z.array(
		z.strictObject({
			phase: z.string(),
			part: z.string(),
			bytes: bytes('Bytes of one GPU.'),
		}),
	),
	deviceBytes: bytes('Usable memory of one GPU.'),
	explanation: z.string(),
});

const measured = z.strictObject({
	parameters: result({ unit: 'parameters', help: 'Parameters updated.' }),
	cpuPerSecond: rate('Adam on the host side, while copies run beside it.'),
	gpuPerSecond: rate('Adam on the device side, while copies run beside it.'),
	linkBytesPerSecond: result({ unit: 'B/s', help: 'What copies reached that were held to a bandwidth.' }),
	points: z.array(
		z.strictObject({
			stride: result({ unit: 'sub-groups', help: 'Stride; null is the default update.' }).nullable(),
			measured: seconds('The fastest of the measured updates.'),
			predicted: seconds('Simulated with the mean time of each kind of job in default updates, stride 2 and the largest stride.'),
			isExact: z.boolean(),
		}),
	),
	timeline: z.array(z.strictObject({ lane: z.string(), job: z.string(), start: seconds('Start.'), end: seconds('End.') })),
});

export const outputs = z.strictObject({ plan: plan.nullable(), measured: measured.nullable(), answer: z.string() });

export type Outputs = z.output<typeof outputs>;
export type PlanOutput = z.output<typeof plan>;
export type MeasuredOutput = z.output<typeof measured>;
export type SettingOutput = z.output<typeof setting>;
