/** Training, tuning and serving large models. Titles and footers are those of the page of 26 December 2025; the summaries are our own. */
import type { SampleRecord } from './sample-record.ts';

export const languageModels: readonly SampleRecord[] = [
	{
		position: 6,
		slug: 'zaya-amd',
		title: 'Training Foundation Models on a Full-Stack AMD Platform: Compute, Networking, and System Design',
		organisation: 'Zyphra',
		publishedOn: '2025-11-21',
		yearInferred: true,
		commentsElsewhere: 1,
		arxivId: '2511.17127',
		tags: ['training', 'GPU programming'],
		summary:
			'Measures collectives, memory and matrix sizes on a large cluster of AMD GPUs and turns the results into rules for the shape of a mixture-of-experts model.' +
			' A model trained by these rules holds its own against well-known models of similar and larger size, so the platform is ready for large training runs.',
	},
	{
		position: 8,
		slug: 'quartet',
		title: 'Quartet: Native FP4 Training Can Be Optimal for Large Language Models',
		arxivId: '2505.14669',
		code: 'https://github.com/IST-DASLab/Quartet',
		tags: ['training', 'quantization', 'GPU programming'],
		summary:
			'Trains language models with the large matrix products of forward and backward passes in a four-bit floating-point format, and fits a scaling law for low precision.' +
			' The law says when four-bit training is the best use of a compute budget, and kernels for recent GPUs show that it works on models of practical size.',
	},
	{
		position: 15,
		slug: 'turbomind',
		title: 'Efficient Mixed-Precision Large Language Model Inference with TurboMind',
		authorsCount: 8,
		publishedOn: '2025-08-21',
		yearInferred: true,
		arxivId: '2508.15601',
		code: 'https://github.com/InternLM/lmdeploy',
		tags: ['serving', 'quantization', 'inference'],
		summary:
			'Packs quantised weights ahead of time in the order tensor cores read them and serves any mix of precisions for weights, activations and cached keys and values.' +
			' Across many models and several GPU generations it answers faster and serves more requests than other mixed-precision engines.',
	},
	{
		position: 17,
		slug: 'bfp-outliers',
		title: 'Accurate Block Quantization in LLMs with Outliers',
		authorsCount: 2,
		publishedOn: '2024-03-29',
		yearInferred: false,
		arxivId: '2403.20137',
		authors: ['Nikita Trukhanov', 'Ilya Soloveychik'],
		tags: ['quantization', 'inference', 'memory'],
		summary:
			'Reorders the channels of the key projection at compile time so that outliers share blocks, and then stores the key cache in block floating point.' +
			' Memory for the cache is halved without a notable loss of quality and without any cost at run time.',
	},
	{
		position: 21,
		slug: 'pipette',
		title: 'Pipette: Automatic Fine-grained Large Language Model Training Configurator for Real-World Clusters',
		authorsCount: 7,
		publishedOn: '2024-05-28',
		yearInferred: false,
		arxivId: '2405.18093',
		code: 'https://github.com/yimjinkyu1/date2024_pipette',
		tags: ['training', 'performance prediction'],
		summary:
			'Chooses the pipeline, tensor and data parallel degrees for training a language model and places the workers on a real cluster whose links differ in speed.' +
			' Its models of time and memory avoid settings that do not fit and find configurations that train faster than those of earlier tuners.',
	},
	{
		position: 24,
		slug: 'fuyou',
		title: 'Adding NVMe SSDs to Enable and Accelerate 100B Model Fine-tuning on a Single GPU',
		authorsCount: 7,
		publishedOn: '2024-03-11',
		yearInferred: false,
		commentsElsewhere: 4,
		arxivId: '2403.06504',
		code: 'https://github.com/RC4ML/LoHan',
		tags: ['training', 'memory'],
		summary:
			'Fine-tunes very large models on one ordinary GPU by spreading parameters, optimizer state and activations over host memory and solid-state drives.' +
			' Overlapping the optimizer on the CPU with the backward pass keeps the GPU busier and fits larger models than the best earlier offloading system.',
	},
	{
		position: 26,
		slug: 'quant-whitepaper',
		title: 'Quantizing deep convolutional networks for efficient inference: A whitepaper',
		authorsCount: 1,
		publishedOn: '2018-06-21',
		yearInferred: false,
		arxivId: '1806.08342',
		authors: ['Raghuraman Krishnamoorthi'],
		tags: ['quantization', 'inference'],
		summary:
			'Lays out a recipe for eight-bit convolutional networks: affine quantisers, weights scaled by channel, calibrated activations and training that simulates the rounding.' +
			' Quantising after training keeps most of the accuracy, training with quantisation closes nearly all of the gap, and integer execution is clearly faster.',
	},
	{
		position: 28,
		slug: 'scale-reasoning',
		title: 'SCALE: Selective Resource Allocation for Overcoming Performance Bottlenecks in Mathematical Test-time Scaling',
		arxivId: '2512.00466',
		code: 'https://github.com/XiaoYang66/DualThinking',
		tags: ['reasoning', 'inference'],
		summary:
			'Splits a mathematical problem into parts, judges how hard each one is, and spends long deliberation only on the hard ones.' +
			' Accuracy rises above that of spreading effort evenly, while fewer tokens are used.',
	},
	{
		position: 29,
		slug: 'hipkittens',
		title: 'HipKittens: Fast and Furious AMD Kernels',
		authorsCount: 9,
		publishedOn: '2025-11-11',
		yearInferred: true,
		arxivId: '2511.08083',
		code: 'https://github.com/HazyResearch/HipKittens',
		tags: ['GPU programming', 'accelerators'],
		summary:
			'Offers tile primitives for AMD GPUs: tile layouts, memory swizzles, wave schedules and an order of blocks that suits chips made of several dies.' +
			' Short kernels written with them rival hand-written assembly for matrix products and attention and pass what compilers produce.',
	},
	{
		position: 31,
		slug: 'splitwise',
		title: 'Splitwise: Efficient generative LLM inference using phase splitting',
		authorsCount: 7,
		publishedOn: '2023-11-30',
		yearInferred: false,
		arxivId: '2311.18677',
		code: 'https://github.com/Mutinifni/splitwise-sim',
		tags: ['serving', 'inference', 'energy'],
		summary:
			'Runs the prompt phase and the token phase of each request to a language model on different machines and ships the key-value cache between them.' +
			' Clusters planned this way serve more requests for the same cost or power, because each phase gets the hardware that suits it.',
	},
	{
		position: 35,
		slug: 'tilus',
		title: 'Tilus: A Virtual Machine for Arbitrary Low-Precision GPGPU Computation in LLM Serving',
		authorsCount: 8,
		publishedOn: '2025-04-17',
		yearInferred: true,
		arxivId: '2504.12984',
		code: 'https://github.com/NVIDIA/tilus',
		tags: ['GPU programming', 'quantization', 'compilers'],
		summary:
			'Defines a virtual machine for GPU thread blocks with an algebra of register layouts, so that kernels for any odd weight width can be written and compiled.' +
			' Generated kernels cover a full range of low-precision types and run faster than those of existing compilers and hand-tuned libraries.',
	},
	{
		position: 36,
		slug: 'flashrnn',
		title: 'FlashRNN: Optimizing Traditional RNNs on Modern Hardware',
		authorsCount: 3,
		publishedOn: '2024-12-10',
		yearInferred: false,
		arxivId: '2412.07752',
		code: 'https://github.com/NX-AI/flashrnn',
		tags: ['GPU programming', 'training'],
		summary:
			'Keeps the recurrent matrix of classic recurrent networks in registers over the whole sequence and picks the tiling by solving an integer constraint problem.' +
			' Recurrent networks become many times faster than a plain implementation and can have much larger hidden states.',
	},
	{
		position: 38,
		slug: 'elastic-cache',
		title: 'Efficient Inference of Vision Instruction-Following Models with Elastic Cache',
		authorsCount: 8,
		publishedOn: '2024-07-25',
		yearInferred: false,
		commentsElsewhere: 2,
		arxivId: '2407.18121',
		code: 'https://github.com/liuzuyan/ElasticCache',
		tags: ['inference', 'memory', 'computer vision'],
		summary:
			'Shrinks the key-value cache of vision-language models without training: little-used entries are merged into the important ones next to them.' +
			' At the same cache size answers stay closer to those of the full model than with methods that only throw entries away.',
	},
	{
		position: 40,
		slug: 'superpipeline',
		title: 'Superpipeline: A Universal Approach for Reducing GPU Memory Usage in Large Models',
		authorsCount: 2,
		publishedOn: '2024-10-11',
		yearInferred: false,
		arxivId: '2410.08791',
		code: 'https://github.com/abbasiReza/super-pipeline',
		tags: ['memory', 'inference', 'training'],
		summary:
			'Keeps only a moving window of layers on the GPU and exchanges groups of layers with host memory while others compute.' +
			' Models that would not fit can run, in training and inference, with unchanged outputs and a speed that two settings trade against memory.',
	},
	{
		position: 41,
		slug: 'positional-attention',
		title: 'Positional Attention: Expressivity and Learnability of Algorithmic Computation',
		authorsCount: 5,
		publishedOn: '2024-10-02',
		yearInferred: false,
		code: 'https://github.com/opallab/positional_attention',
		tags: ['reasoning', 'training'],
		summary:
			'Studies transformers whose attention depends on positions alone, as in parallel algorithms with fixed communication, and never on the values.' +
			' They can express the same parallel computations at a modest cost in depth, and carry algorithmic tasks to values far outside the training range.',
	},
	{
		position: 42,
		slug: 'deep-optimizer-states',
		title: 'Deep Optimizer States: Towards Scalable Training of Transformer Models Using Interleaved Offloading',
		authorsCount: 5,
		publishedOn: '2024-10-25',
		yearInferred: false,
		arxivId: '2410.21316',
		code: 'https://github.com/DataStates/DeepSpeed',
		tags: ['training', 'memory'],
		summary:
			'Moves part of the optimizer state to the GPU and back during each step, using the memory that is free between the phases, while the CPU updates the rest.' +
			' Training with an offloaded optimizer takes much less time per step than with the usual hybrid scheme.',
	},
];
