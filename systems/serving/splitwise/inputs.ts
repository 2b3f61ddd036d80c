/** What a user brings. Every number carries its unit, bounds, default and a sentence of help. */
import {
	choice,
	count,
	dataReference,
	flag,
	optionalCount,
	optionalQuantity,
	quantity,
	requiredQuantity,
	text,
} from '@assay/contract';
import { z } from 'zod';
import { policyNames } from './cluster-scheduler/policies.ts';
import { designNames } from './design.ts';

const csv = ['text/csv'];

/** A search over more machines of a kind than this is refused: its map could not be read. */
export const mostSearchedMachines = 400;

const model = z
	.strictObject({
		name: text({
			default: 'bloom-176b',
			help: 'A known model; bloom-176b and llama2-70b have measured profiles, every other model is estimated by a roofline.',
		}),
		config: dataReference({
			help: 'Your own model: a Hugging Face config.json. Wins over the name.',
			mediaTypes: ['application/json'],
		}).optional(),
		fullMultiHeadKv: flag({
			default: false,
			help: 'Charge a key-value head for every query head, as the published simulator does even for grouped-query models.',
		}),
	})
	.prefault({});

const trace = z
	.strictObject({
		file: dataReference({
			help: 'Your requests as CSV: Azure (TIMESTAMP, ContextTokens, GeneratedTokens), splitwise-sim, BurstGPT or Mooncake columns, or others with a mapping. Left out: a trace is generated.',
			mediaTypes: csv,
		}).optional(),
		columns: z
			.strictObject({
				arrival: text({ default: 'timestamp', help: 'Column with the time of arrival.' }),
				promptTokens: text({ default: 'prompt_tokens', help: 'Column with the number of prompt tokens.' }),
				outputTokens: text({ default: 'output_tokens', help: 'Column with the number of output tokens.' }),
				arrivalUnit: choice(['s', 'ms', 'us', 'timestamp'], {
					default: 's',
					help: 'Unit of the time of arrival, or a date and time such as 2023-11-16 18:15:46.68.',
				}),
			})
			.optional(),
		acceleration: quantity({
			unit: '1',
			min: 0.001,
			max: 1000,
			default: 1,
			help: 'Replays a trace from a file this many times as fast.',
		}),
		maxRequests: count({
			unit: 'requests',
			min: 1,
			max: 2_000_000,
			default: 200_000,
			help: 'A file with more requests is refused.',
		}),
		workload: choice(['conversation', 'coding'], {
			default: 'conversation',
			help: 'Lengths of generated requests: quantiles of the Azure conversation or coding service of 2023.',
		}),
		lengths: dataReference({
			help: 'A trace whose prompt and output lengths generated requests draw from, for example azure-llm-2023-conversation. Left out: the embedded quantiles of the workload.',
			mediaTypes: csv,
		}).optional(),
		requestsPerSecond: quantity({
			unit: 'requests/s',
			min: 0.01,
			max: 5000,
			default: 70,
			help: 'Arrival rate of a generated trace.',
		}),
		durationSeconds: quantity({ unit: 's', min: 1, max: 36_000, default: 60, help: 'Length of a generated trace.' }),
		burstShape: quantity({
			unit: '1',
			min: 0.05,
			max: 20,
			default: 1,
			help: 'Shape of the gamma-distributed gaps: 1 is a Poisson process as in the paper, below 1 comes in bursts (our addition).',
		}),
	})
	.prefault({});

const cluster = z
	.strictObject({
		design: choice([...designNames, 'custom'], {
			default: 'splitwise-hh',
			help: 'One of the paper’s six clusters, or custom: the machine types and the scheduler named below.',
		}),
		promptMachines: optionalCount({
			unit: 'machines',
			min: 1,
			max: 2000,
			help: 'Machines for prompts (for everything, where nothing is split). Left out: the paper’s split for the design, budget and workload.',
		}),
		tokenMachines: optionalCount({
			unit: 'machines',
			min: 0,
			max: 2000,
			help: 'Machines for tokens. Left out: the paper’s split for the design, budget and workload.',
		}),
		promptType: text({
			default: 'dgx-h100',
			help: 'Custom design: type of the prompt machines: dgx-a100, dgx-h100, dgx-h100-pcap, one of machines, or a machine that Assay knows.',
		}),
		tokenType: text({ default: 'dgx-h100', help: 'Custom design: type of the token machines.' }),
		scheduler: choice([...policyNames], {
			default: 'mixed-pool',
			help: 'Custom design: how requests are assigned. mixed-pool and kv-* split the phases; the others keep a request on one machine.',
		}),
		maxBatchSize: count({ unit: 'tasks', min: 1, max: 4096, default: 512, help: 'Most tasks in a batch.' }),
		maxBatchTokens: count({
			unit: 'tokens',
			min: 1,
			max: 1_000_000,
			default: 2048,
			help: 'Most prompt tokens and token tasks in a batch; a longer prompt runs alone.',
		}),
		maxPreemptions: count({ unit: '1', min: 1, max: 1000, default: 4, help: 'A task passed over this often comes first.' }),
		maxPendingPromptTokens: count({
			unit: 'tokens',
			min: 1,
			max: 100_000_000,
			default: 8192,
			help: 'mixed-pool: a prompt machine with a queue takes no request that would bring its pending tokens above this.',
		}),
	})
	.prefault({});

const transfer = z
	.strictObject({
		network: choice(['ideal', 'shared'], {
			default: 'ideal',
			help: 'ideal: each KV transfer has the whole bandwidth (published simulator). shared: transfers share the machines’ ports max-min fairly.',
		}),
		gibibytesPerSecond: quantity({
			unit: 'GiB/s',
			min: 0.001,
			max: 100_000,
			default: 200,
			help: 'Bandwidth of one transfer on the ideal network; 12.5 stands for Ethernet.',
		}),
		hiddenShare: quantity({
			unit: '1',
			min: 0,
			max: 0.999,
			default: 0,
			help: 'Share of a transfer hidden behind the prompt by sending layer by layer; the published overlap schedulers hide 0.9.',
		}),
	})
	.prefault({});

const machine = z.strictObject({
	name: z.string().min(1).max(100).meta({ description: 'Name to use as promptType or tokenType.' }),
	device: z
		.string()
		.max(200)
		.optional()
		.meta({ description: 'A machine that Assay knows (dgx-h200, 8xl40s, h100): gives whatever is left out below.' }),
	hardware: z.string().max(100).optional().meta({ description: 'Name of the GPU in the profile.' }),
	gpus: optionalCount({
		unit: 'GPUs',
		min: 1,
		max: 1024,
		help: 'GPUs that serve one copy of the model together. Left out: those of the device.',
	}),
	memoryGibibytesPerGpu: optionalQuantity({
		unit: 'GiB',
		min: 0.1,
		max: 100_000,
		help: 'Memory of one GPU. Left out: that of the device.',
	}),
	serverWatts: optionalQuantity({
		unit: 'W',
		min: 1,
		max: 1e7,
		help: 'Power of the server at full load. Left out: that of the device.',
	}),
	dollarsPerGpuHour: optionalQuantity({
		unit: '$/h',
		min: 0,
		max: 10_000,
		help: 'Rent of one GPU. Left out: that of the device, or 0 where none is known.',
	}),
	portGigabitsPerSecond: optionalQuantity({
		unit: 'Gbit/s',
		min: 0.001,
		max: 1e6,
		help: 'Network port of the server, each direction. Left out: 400.',
	}),
	peakTeraflops: optionalQuantity({
		unit: 'TFLOP/s',
		min: 0.01,
		max: 1e6,
		help: 'Peak 16-bit matrix arithmetic of one GPU. Left out: that of the device.',
	}),
	memoryGigabytesPerSecond: optionalQuantity({
		unit: 'GB/s',
		min: 1,
		max: 1e7,
		help: 'Memory bandwidth of one GPU. Left out: that of the device.',
	}),
});

const profile = z
	.strictObject({
		file: dataReference({
			help: 'Your profiling rows as CSV (model, hardware, tensor_parallel, prompt_size, batch_size, prompt_time, token_time in ms), for example llm-phase-profiles-dgx.',
			mediaTypes: csv,
		}).optional(),
		modelName: text({ default: '', help: 'Name of the model in that file; empty: the model’s own name.' }),
		tensorParallel: count({ unit: 'GPUs', min: 1, max: 4096, default: 8, help: 'Rows of this tensor parallelism are used.' }),
	})
	.prefault({});

const limit = (latency: string, percentile: string, value: number) =>
	quantity({
		unit: '1',
		min: 0.01,
		max: 1e6,
		default: value,
		help: `Slowdown that the ${percentile} of ${latency} must stay below.`,
	});
const limits = (latency: string, p50: number, p90: number, p99: number) =>
	z
		.strictObject({
			p50: limit(latency, 'median', p50),
			p90: limit(latency, '90th percentile', p90),
			p99: limit(latency, '99th percentile', p99),
		})
		.prefault({});

const objectives = z
	.strictObject({
		ttft: limits('the time to the first token', 2, 3, 6),
		tbt: limits('the time between tokens', 1.25, 1.5, 5),
		e2e: limits('the time to the last token', 1.25, 1.5, 5),
		tbtAtPromptLength: flag({
			default: false,
			help: 'Look the reference time between tokens up at the prompt’s length, as the published simulator does, instead of at one token.',
		}),
	})
	.prefault({});

const compare = z
	.strictObject({
		rates: z
			.array(requiredQuantity({ unit: 'requests/s', min: 0.01, max: 5000, help: 'Arrival rate.' }))
			.min(1)
			.max(64)
			.default([40, 60, 80, 100, 120])
			.meta({ description: 'Arrival rates to run every design at.' }),
		budget: choice(['iso-power', 'iso-cost'], {
			default: 'iso-power',
			help: 'What the six clusters have in common: the power or the rent of so many DGX-H100.',
		}),
		budgetMachines: count({ unit: 'machines', min: 2, max: 1000, default: 40, help: 'DGX-H100 that the budget would pay for.' }),
	})
	.prefault({});

const provision = z
	.strictObject({
		designs: z
			.array(z.enum([...designNames, 'custom']).meta({ description: 'A design of the paper, or the custom cluster.' }))
			.min(1)
			.max(7)
			.default(['baseline-h100', 'splitwise-aa', 'splitwise-hh', 'splitwise-ha', 'splitwise-hhcap'])
			.meta({ description: 'Designs to search.' }),
		rates: z
			.array(requiredQuantity({ unit: 'requests/s', min: 0.01, max: 5000, help: 'Arrival rate.' }))
			.min(1)
			.max(32)
			.default([70])
			.meta({ description: 'Arrival rates to provision for.' }),
		maxPromptMachines: count({
			unit: 'machines',
			min: 1,
			max: mostSearchedMachines,
			default: 40,
			help: 'Largest number of prompt machines tried.',
		}),
		maxTokenMachines: count({
			unit: 'machines',
			min: 1,
			max: mostSearchedMachines,
			default: 40,
			help: 'Largest number of token machines tried.',
		}),
		objective: choice(['cost', 'power', 'machines'], { default: 'cost', help: 'What the recommendation minimises.' }),
	})
	.prefault({});

export const inputs = z.strictObject({
	mode: choice(['simulate', 'compare', 'provision'], {
		default: 'simulate',
		help: 'simulate one cluster, compare the six designs over arrival rates, or search the cheapest numbers of machines.',
	}),
	model,
	trace,
	cluster,
	transfer,
	machines: z
		.array(machine)
		.max(32)
		.default([])
		.meta({ description: 'Your own machine types, beside dgx-a100, dgx-h100 and dgx-h100-pcap.' }),
	profile,
	objectives,
	compare,
	provision,
});

export type Inputs = z.output<typeof inputs>;
