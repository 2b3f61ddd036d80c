/** Data, search for networks, and what surrounds them. Titles and footers are those of the page of 26 December 2025; the summaries are our own. */
import type { SampleRecord } from './sample-record.ts';

export const dataAndSearch: readonly SampleRecord[] = [
	{
		position: 5,
		slug: 'proxylessnas',
		title: 'ProxylessNAS: Direct Neural Architecture Search on Target Task and Hardware',
		authorsCount: 3,
		publishedOn: '2018-12-02',
		yearInferred: false,
		arxivId: '1812.00332',
		code: 'https://github.com/mit-han-lab/proxylessnas',
		tags: ['architecture search', 'computer vision'],
		summary:
			'Searches a network directly on the target data and device, keeping only one sampled path of the large candidate network in memory at a time.' +
			' The networks found are compact and fast on the device they were searched for, and a network tuned for one device is not the best for another.',
	},
	{
		position: 13,
		slug: 'seta',
		title: 'Scale Efficient Training for Large Datasets',
		authorsCount: 3,
		publishedOn: '2025-03-17',
		yearInferred: true,
		arxivId: '2503.13385',
		code: 'https://github.com/mrazhou/SeTa',
		tags: ['data selection', 'training'],
		summary:
			'Trains each epoch on a subset chosen from the last seen losses: redundant samples are dropped at random and a window slides over groups from easy to hard.' +
			' Training cost falls by about half on large sets with hardly any loss of quality, over many tasks and kinds of network.',
	},
	{
		position: 19,
		slug: 'dynosaur',
		title: 'Dynosaur: A Dynamic Growth Paradigm for Instruction-Tuning Data Curation',
		authorsCount: 7,
		publishedOn: '2023-05-23',
		yearInferred: false,
		arxivId: '2305.14327',
		code: 'https://github.com/WadeYin9712/Dynosaur',
		tags: ['data selection', 'datasets', 'training'],
		summary:
			'Has a chat model read the description of existing annotated data sets and invent instruction-tuning tasks from their fields, which then expand over all rows.' +
			' A large instruction set costs little to make, trains models at least as well as other sets of its size, and can grow with each new data set.',
	},
	{
		position: 23,
		slug: 'd3-selection',
		title: 'D3: Diversity, Difficulty, and Dependability-Aware Data Selection for Sample-Efficient LLM Instruction Tuning',
		authorsCount: 8,
		publishedOn: '2025-03-14',
		yearInferred: true,
		arxivId: '2503.11441',
		tags: ['data selection', 'training'],
		summary:
			'Scores instruction samples by how distinct, how difficult and how trustworthy they are, and picks a small weighted subset in several rounds.' +
			' Models tuned on the small chosen share follow instructions as well as or better than models tuned on everything.',
	},
	{
		position: 25,
		slug: 'autocoreset',
		title: 'AutoCoreset: An Automatic Practical Coreset Construction Framework',
		authorsCount: 4,
		publishedOn: '2023-05-19',
		yearInferred: false,
		arxivId: '2305.11980',
		code: 'https://github.com/alaamaalouf/AutoCoreset',
		tags: ['data selection', 'software'],
		summary:
			'Builds a small weighted subset of a data set from nothing but the data and a loss function, by approximating sums of loss vectors for a growing set of models.' +
			' The subsets match or beat those of methods made for one problem, across several learning tasks.',
	},
	{
		position: 30,
		slug: 'infinity-instruct',
		title: 'Scaling Towards the Information Boundary of Instruction Set: InfinityInstruct-Subject Technical Report',
		authorsCount: 4,
		publishedOn: '2025-07-09',
		yearInferred: true,
		arxivId: '2507.06968',
		code: 'https://github.com/FlagOpen/Infinity-Instruct',
		tags: ['datasets', 'data selection', 'training'],
		summary:
			'Grows an instruction set in a loop: label every instruction, choose informative seeds, evolve them into harder ones, and look for what tuned models still cannot do.' +
			' The set covers more topics at greater depth than its predecessors and improves how well several base models follow instructions.',
	},
	{
		position: 32,
		slug: 'fbnetv3',
		title: 'FBNetV3: Joint Architecture-Recipe Search using Predictor Pretraining',
		authorsCount: 11,
		publishedOn: '2020-06-03',
		yearInferred: false,
		arxivId: '2006.02049',
		code: 'https://github.com/facebookresearch/mobile-vision',
		tags: ['architecture search', 'training'],
		summary:
			'Searches network and training recipe together, with an accuracy predictor that is first trained on free statistics such as operation counts.' +
			' Once the predictor exists, a search on a CPU takes minutes, and the resulting family reaches the accuracy of larger networks with much less work.',
	},
	{
		position: 33,
		slug: 'prosper',
		title: 'ProSper -- A Python Library for Probabilistic Sparse Coding with Non-Standard Priors and Superpositions',
		authorsCount: 7,
		publishedOn: '2019-08-01',
		yearInferred: false,
		arxivId: '1908.06843',
		code: 'https://github.com/ml-uol/prosper',
		tags: ['software', 'training'],
		summary:
			'A Python library that learns dictionaries from data for six generative models with binary, ternary, discrete or spike-and-slab causes that add or take the maximum.' +
			' It also learns priors and noise, gives rich posteriors for each sample, and runs in parallel on many machines.',
	},
	{
		position: 39,
		slug: 'ml-carbon',
		title:
			'Improve Machine Learning carbon footprint using Nvidia GPU and Mixed Precision training for classification models -- Part I',
		authorsCount: 1,
		publishedOn: '2024-09-12',
		yearInferred: false,
		arxivId: '2409.07853',
		authors: ['Andrew Antonopoulos'],
		tags: ['energy', 'training', 'quantization'],
		summary:
			'Trains one image classifier in full and in mixed precision on a desktop computer with a wattmeter at the wall, over a grid of batch sizes and widths.' +
			' Mixed precision with suitable settings drew somewhat less power, but the tests found the differences statistically insignificant.',
	},
	{
		position: 44,
		slug: 'labeling-instructions',
		title: 'Thinking Like an Annotator: Generation of Dataset Labeling Instructions',
		authorsCount: 5,
		publishedOn: '2023-06-24',
		yearInferred: false,
		commentsElsewhere: 1,
		arxivId: '2306.14035',
		tags: ['datasets', 'computer vision'],
		summary:
			'Reconstructs the instructions that annotators of a data set may have had: for each class, a few pairs of example image and short text.' +
			' A fast retrieval index over image patches stands in for human annotators, and the pairs it selects retrieve objects better than strong baselines.',
	},
	{
		position: 46,
		slug: 'compute-governance',
		title: 'Computing Power and the Governance of Artificial Intelligence',
		authorsCount: 19,
		publishedOn: '2024-02-13',
		yearInferred: false,
		commentsElsewhere: 2,
		arxivId: '2402.08797',
		code: 'https://github.com/lheim/CPGAI-Figures',
		tags: ['policy', 'energy'],
		summary:
			'Argues that computing power is a good lever for governing artificial intelligence, because chips can be seen, counted and withheld and come from few makers.' +
			' It sets out how reporting, allocation and enforcement could work, and warns of harm to privacy and of concentrated power where they are done badly.',
	},
	{
		position: 47,
		slug: 'fastpathology',
		title: 'FastPathology: An open-source platform for deep learning-based research and decision support in digital pathology',
		authorsCount: 6,
		publishedOn: '2020-11-11',
		yearInferred: false,
		arxivId: '2011.06033',
		doi: '10.1109/access.2021.3072231',
		code: 'https://github.com/AICAN-Research/FAST-Pathology',
		tags: ['computer vision', 'software', 'inference'],
		summary:
			'An open-source viewer for gigapixel microscope slides that runs neural networks tile by tile and shows the results on the slide while they come in.' +
			' It needs less memory than the Java tools it was compared with, and the choice of network, engine and hardware decides how long an analysis takes.',
	},
];
