/** Processors, accelerators and the tools that design and predict them. Titles and footers are those of the page of 26 December 2025; the summaries are our own. */
import type { SampleRecord } from './sample-record.ts';

export const processorsAndAccelerators: readonly SampleRecord[] = [
	{
		position: 1,
		slug: 'leasyn',
		title: 'Synthesis of Sound and Precise Leakage Contracts for Open-Source RISC-V Processors',
		authorsCount: 5,
		publishedOn: '2025-09-08',
		yearInferred: true,
		arxivId: '2509.06509',
		code: 'https://github.com/zilongwang123/LeaSyn',
		tags: ['security', 'design automation'],
		summary:
			'Works out, from the Verilog of a RISC-V core, which instructions and operands can change its timing, by switching between learning a contract from examples and proving that nothing is missing.' +
			' For six open cores the resulting contracts cover every timing difference the verifier could find and accuse fewer operands than earlier methods.',
	},
	{
		position: 2,
		slug: 'ncpp',
		title: 'Towards CPU Performance Prediction: New Challenge Benchmark Dataset and Novel Approach',
		authorsCount: 1,
		publishedOn: '2024-07-02',
		yearInferred: false,
		arxivId: '2407.03385',
		authors: ['Xiaoman Liu'],
		code: 'https://github.com/xiaoman-liu/NCPP',
		tags: ['performance prediction', 'benchmarks'],
		summary:
			'Predicts the scores of whole CPU benchmark suites from a description of the server, with a network that attends to groups of related hardware features.' +
			' Trained on a newly collected set of server measurements, it comes closer to the true scores than the usual regressors.',
	},
	{
		position: 3,
		slug: 'gpu-cores',
		title: 'Analyzing Modern NVIDIA GPU cores',
		authorsCount: 4,
		publishedOn: '2025-03-26',
		yearInferred: true,
		arxivId: '2503.20481',
		doi: '10.1145/3725843.3756041',
		tags: ['GPU programming', 'performance prediction'],
		summary:
			'Finds out by microbenchmarks how the cores of recent NVIDIA GPUs issue instructions, read registers and fetch code, and builds these rules into a cycle simulator.' +
			' The refined simulator tracks real cards much better than its predecessor, and shows that dependences set by the compiler cost less than a hardware scoreboard.',
	},
	{
		position: 4,
		slug: 'wa-hls4ml',
		title: 'wa-hls4ml: A Benchmark and Surrogate Models for hls4ml Resource and Latency Estimation',
		authorsCount: 16,
		publishedOn: '2025-11-06',
		yearInferred: true,
		arxivId: '2511.05615',
		code: 'https://github.com/ben-hawks/wa-hls4ml-search',
		tags: ['accelerators', 'benchmarks', 'performance prediction'],
		summary:
			'Collects a very large set of small neural networks synthesised for FPGAs, with the latency and resources of each, and says how estimators should be scored on it.' +
			' Graph and transformer surrogates trained on it answer in milliseconds and land close to the synthesis report for most designs.',
	},
	{
		position: 7,
		slug: 'daq-model',
		title: 'Modeling Performance of Data Collection Systems for High-Energy Physics',
		authorsCount: 3,
		publishedOn: '2024-06-27',
		yearInferred: false,
		arxivId: '2407.00123',
		doi: '10.1063/5.0232456',
		authors: ['Wilkie Olin-Ammentorp', 'Xingfu Wu', 'Andrew A. Chien'],
		code: 'https://github.com/wilkieolin/system_flow',
		tags: ['performance prediction', 'energy'],
		summary:
			'Describes the read-out of a physics detector as a graph of stages and computes power, skill and useful samples per unit of energy for each choice of technology.' +
			' Applied to a collider experiment and its upgrade, it shows that better decisions in the first stages save most of the effort that later stages would need.',
	},
	{
		position: 9,
		slug: 'mlir-cost',
		title: 'ML-driven Hardware Cost Model for MLIR',
		authorsCount: 2,
		publishedOn: '2023-02-14',
		yearInferred: false,
		arxivId: '2302.11405',
		authors: ['Dibyendu Das', 'Sandya Mannarswamy'],
		tags: ['compilers', 'performance prediction'],
		summary:
			'Reads a program in compiler form as if it were text and predicts register use, unit utilisation and instruction counts before any code is generated.' +
			' Early results suggest that such a learned cost model is accurate enough to steer fusion, unrolling and similar choices.',
	},
	{
		position: 10,
		slug: 'hopper-bench',
		title: 'Benchmarking and Dissecting the Nvidia Hopper GPU Architecture',
		authorsCount: 6,
		publishedOn: '2024-02-20',
		yearInferred: false,
		arxivId: '2402.13499',
		code: 'https://github.com/HPMLL/NVIDIA-Hopper-Benchmark',
		tags: ['GPU programming', 'benchmarks'],
		summary:
			'Measures latency and throughput of memories, tensor cores and the new instructions of the Hopper generation with small CUDA programs, side by side with the two generations before.' +
			' The tables show what eight-bit tensor formats, dynamic-programming instructions and memory shared between blocks deliver in practice.',
	},
	{
		position: 11,
		slug: 'sail',
		title: 'SAIL: SRAM-Accelerated LLM Inference System with Lookup-Table-based GEMV',
		authorsCount: 4,
		publishedOn: '2025-09-30',
		yearInferred: true,
		arxivId: '2509.25853',
		tags: ['accelerators', 'inference', 'quantization'],
		summary:
			'Turns part of a processor cache into arrays that multiply quantised weights through small tables of partial sums, for any number of bits.' +
			' In simulation the changed processor generates tokens several times faster and at lower cost than an ordinary server CPU, for little extra silicon.',
	},
	{
		position: 12,
		slug: 'modern-cpp',
		title: 'Closing the Performance Gap with Modern C++',
		authorsCount: 5,
		publishedOn: '2022-05-30',
		yearInferred: false,
		doi: '10.1007/978-3-319-46079-6_2',
		code: 'https://github.com/STEllAR-GROUP/hpx',
		tags: ['GPU programming', 'software'],
		summary:
			'Defines one set of C++ building blocks for where data lives and where code runs, so that a single parallel program serves many-core CPUs and GPUs.' +
			' A memory-bandwidth benchmark written this way keeps pace with versions written by hand for each platform.',
	},
	{
		position: 14,
		slug: 'xr-npe',
		title: 'XR-NPE: High-Throughput Mixed-precision SIMD Neural Processing Engine for Extended Reality Perception Workloads',
		authorsCount: 5,
		publishedOn: '2025-08-18',
		yearInferred: true,
		commentsElsewhere: 1,
		arxivId: '2508.13049',
		code: 'https://github.com/mukullokhande99/XR-NPE',
		tags: ['accelerators', 'quantization'],
		summary:
			'Proposes a vector multiply-accumulate engine that switches between tiny floating-point and posit formats while sharing one multiplier, for perception in headsets.' +
			' With number formats chosen layer by layer the design is smaller and thriftier than comparable units at little loss of accuracy.',
	},
	{
		position: 16,
		slug: 'marl-dse',
		title: 'Multi-Agent Reinforcement Learning for Microprocessor Design Space Exploration',
		authorsCount: 7,
		publishedOn: '2022-11-29',
		yearInferred: false,
		arxivId: '2211.16385',
		code: 'https://github.com/srivatsankrishnan/oss-arch-gym',
		tags: ['design automation', 'memory'],
		summary:
			'Gives each setting of a memory controller its own reinforcement-learning agent, all sharing one reward, in place of a single agent that sets everything.' +
			' On several workload traces the team of agents reached better power and latency than the single-agent methods it was compared with.',
	},
	{
		position: 18,
		slug: 'pim-gpt',
		title: 'PIM-GPT: A Hybrid Process-in-Memory Accelerator for Autoregressive Transformers',
		authorsCount: 3,
		publishedOn: '2023-10-13',
		yearInferred: false,
		arxivId: '2310.09385',
		tags: ['accelerators', 'inference', 'memory'],
		summary:
			'Runs the generation of text inside memory chips that can multiply and add in every bank, helped by a small companion chip for the remaining arithmetic.' +
			' A simulator with exact clock cycles predicts large gains in speed and energy over a GPU and a CPU for models of moderate size.',
	},
	{
		position: 20,
		slug: 'tpe-bitweight',
		title:
			'Exploring the Performance Improvement of Tensor Processing Engines through Transformation in the Bit-weight Dimension of MACs',
		authorsCount: 12,
		publishedOn: '2025-03-08',
		yearInferred: true,
		code: 'https://github.com/wqzustc/High-Performance-Tensor-Processing-Engines',
		tags: ['accelerators', 'design automation'],
		summary:
			'Treats the bit weights inside a multiplier as one more loop of matrix multiplication and moves work across that loop to get leaner processing elements.' +
			' Four rewritings improve area and energy of classic array designs, and most of all of a design that works on slices of bits.',
	},
	{
		position: 22,
		slug: 'fab-devs',
		title:
			'A Benchmark Time Series Dataset for Semiconductor Fabrication Manufacturing Constructed using Component-based Discrete-Event Simulation Models',
		authorsCount: 4,
		publishedOn: '2024-08-17',
		yearInferred: false,
		arxivId: '2408.09307',
		tags: ['datasets', 'performance prediction'],
		summary:
			'Models a small semiconductor factory with re-entrant flow as components with discrete events and records its behaviour as time series.' +
			' The resulting public data set comes with baseline forecasts that show how well a learned model can stand in for the simulation.',
	},
	{
		position: 27,
		slug: 'intar',
		title: 'InTAR: Inter-Task Auto-Reconfigurable Accelerator Design for High Data Volume Variation in DNNs',
		authorsCount: 4,
		publishedOn: '2025-02-12',
		yearInferred: true,
		arxivId: '2502.08807',
		code: 'https://github.com/OswaldHe/InTAR',
		tags: ['accelerators', 'design automation'],
		summary:
			'Decides before an FPGA design is built when two stages of a network should run as a pipeline and when all units should work on one stage, and fixes that schedule in hardware.' +
			' For networks whose data volume varies strongly, the switching design beats both pure styles and keeps a high clock rate.',
	},
	{
		position: 34,
		slug: 'fusemax',
		title: 'FuseMax: Leveraging Extended Einsums to Optimize Attention Accelerator Design',
		authorsCount: 6,
		publishedOn: '2024-06-15',
		yearInferred: false,
		arxivId: '2406.10491',
		code: 'https://github.com/FPSG-UIUC/micro24-fusemax-artifact',
		tags: ['accelerators', 'inference'],
		summary:
			'Writes attention as a chain of tensor expressions, proves how often each form must pass over its input, and maps the one-pass form onto a spatial array.' +
			' The mapping keeps the array almost fully busy with a buffer whose size does not depend on sequence length, and outruns earlier attention accelerators.',
	},
	{
		position: 37,
		slug: 'draco',
		title: 'DRACO: Co-Optimizing Hardware Utilization, and Performance of DNNs on Systolic Accelerator',
		authorsCount: 6,
		publishedOn: '2020-06-26',
		yearInferred: false,
		arxivId: '2006.15103',
		tags: ['accelerators', 'performance prediction'],
		summary:
			'Rewrites the layers of a compact vision network that leave a systolic array idle, without changing the array or its dataflow.' +
			' The changed networks use the array better, finish sooner and can even gain accuracy.',
	},
	{
		position: 43,
		slug: 'nasaic',
		title: 'Co-Exploration of Neural Architectures and Heterogeneous ASIC Accelerator Designs Targeting Multiple Tasks',
		authorsCount: 9,
		publishedOn: '2020-02-10',
		yearInferred: false,
		arxivId: '2002.04116',
		tags: ['accelerators', 'architecture search'],
		summary:
			'Lets one controller choose networks for several tasks together with a chip made of different sub-accelerators, under limits on latency, energy and area.' +
			' Unlike choosing network and chip one after the other, the joint search met all limits for a small loss of accuracy.',
	},
	{
		position: 45,
		slug: 'abc-rl',
		title: 'Retrieval-Guided Reinforcement Learning for Boolean Circuit Minimization',
		authorsCount: 5,
		publishedOn: '2024-01-22',
		yearInferred: false,
		arxivId: '2401.12205',
		code: 'https://github.com/NYU-MLDA/ABC-RL',
		tags: ['design automation', 'reasoning'],
		summary:
			'Searches for a good order of logic-minimisation commands for a circuit, trusting a trained policy only as far as the circuit resembles those it was trained on.' +
			' On unfamiliar circuits this avoids the harm of a misleading policy, gives smaller or faster circuits, and needs far fewer synthesis runs.',
	},
];
