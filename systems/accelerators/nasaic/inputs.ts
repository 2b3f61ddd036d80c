/** What a user can say. */
import { choice, count, dataReference, flag, optionalQuantity, quantity, text } from '@assay/contract';
import { networkInput } from '@assay/models/network';
import { z } from 'zod';
import { BUILT_IN_TASKS } from './search/task.ts';

const TASK_KINDS = ['none', 'network', ...BUILT_IN_TASKS] as const;

const task = (standard: (typeof TASK_KINDS)[number]) =>
	z
		.strictObject({
			kind: choice(TASK_KINDS, {
				default: standard,
				help: 'A task whose network is searched (ResNet9 for cifar-10 and stl-10, U-Net for nuclei), a network as it is, or none.',
			}),
			network: networkInput('resnet-18'),
			accuracies: dataReference({
				help: 'Your trained networks for a searched task: CSV with a column for each decision (FN0,FN1,SK1,FN2,SK2,FN3,SK3 or height,FN0), then the accuracy. The search chooses among its lines instead of asking the surrogate.',
				mediaTypes: ['text/csv'],
			}).optional(),
			weight: quantity({
				unit: '1',
				min: 0.001,
				max: 1000,
				default: 1,
				help: 'Weight of the accuracy of a searched task among the others.',
			}),
		})
		.prefault({});

const chip = z
	.strictObject({
		accelerators: count({ unit: 'sub-accelerators', min: 1, max: 4, default: 2, help: 'Most sub-accelerators of the chip.' }),
		organisation: choice(['heterogeneous', 'homogeneous'], {
			default: 'heterogeneous',
			help: 'Whether their dataflows may differ.',
		}),
		dataflows: text({
			default: 'shi, dla, rs',
			help: 'Dataflows to choose from: shi (ShiDianNao), dla (NVDLA), rs (row-stationary).',
		}),
		mapping: dataReference({
			help: 'A dataflow of your own to choose from too: a mapping file of MAESTRO (.m).',
			mediaTypes: ['text/plain', 'application/octet-stream'],
		}).optional(),
		elements: count({
			unit: 'elements',
			min: 32,
			max: 16384,
			default: 4096,
			help: 'Most processing elements of all sub-accelerators.',
		}),
		bandwidth: count({
			unit: 'B/cycle',
			min: 32,
			max: 1024,
			default: 64,
			help: 'Most bandwidth of all on-chip networks (GB/s at 1 GHz).',
		}),
		transfers: choice(['maestro', 'overlapped'], {
			default: 'maestro',
			help: 'Whether clusters wait for their data as in MAESTRO, or all transfers overlap with work.',
		}),
		clock: quantity({ unit: 'GHz', min: 0.001, max: 10, default: 1, help: 'Clock, for times in seconds.' }),
		macEnergy: optionalQuantity({
			unit: 'pJ',
			min: 1e-4,
			max: 1e4,
			help: 'Energy of a multiply-accumulate, for joules; left out, there are none.',
		}),
	})
	.prefault({});

const limits = z
	.strictObject({
		latency: quantity({ unit: 'cycles', min: 1, max: 1e15, default: 8e5, help: 'Most time until all networks are done.' }),
		energy: quantity({ unit: 'MAC', min: 1, max: 1e15, default: 2e9, help: 'Most energy, in multiply-accumulates.' }),
		area: quantity({ unit: 'um^2', min: 1, max: 1e15, default: 4e9, help: 'Most area.' }),
	})
	.prefault({});

const search = z
	.strictObject({
		episodes: count({
			unit: 'episodes',
			min: 1,
			max: 5000,
			default: 100,
			help: 'Episodes of the controller (500 in the paper).',
		}),
		tries: count({ unit: 'chips', min: 1, max: 50, default: 10, help: 'Chips tried for the networks of an episode.' }),
		oneDataflow: flag({
			default: false,
			help: 'Also searches chips whose sub-accelerators all have one dataflow, under the same limits.',
		}),
		rivals: flag({
			default: false,
			help: 'Also searches network first, hardware first, by chance and genetically, with as many designs.',
		}),
	})
	.prefault({});

const train = z
	.strictObject({
		drawn: count({
			unit: 'networks',
			min: 2,
			max: 100,
			default: 12,
			help: 'Networks drawn evenly from the space and trained first, to see how far the surrogate ranks as training does.',
		}),
		rounds: count({
			unit: 'rounds',
			min: 1,
			max: 50,
			default: 2,
			help: 'Times in a search, evenly spaced, that its best designs are trained.',
		}),
		candidates: count({ unit: 'designs', min: 1, max: 20, default: 2, help: 'Designs whose networks are trained each time.' }),
		images: count({ unit: 'images', min: 32, max: 50000, default: 1024, help: 'Generated images to learn from.' }),
		epochs: count({ unit: 'epochs', min: 1, max: 200, default: 12, help: 'Times through the images.' }),
		narrower: count({
			unit: '1',
			min: 1,
			max: 16,
			default: 8,
			help: 'What every width is divided by before training; 1 trains the networks as they are, for hours.',
		}),
	})
	.prefault({});

export const inputs = z.strictObject({
	evaluator: choice(['surrogate', 'train'], {
		default: 'surrogate',
		help: 'Where accuracies of searched tasks without a table come from: a formula, or beside it real training of small networks on generated shapes, minutes each.',
	}),
	task1: task('cifar-10'),
	task2: task('nuclei'),
	task3: task('none'),
	limits,
	chip,
	search,
	train,
});

export type Inputs = z.output<typeof inputs>;
export type TaskInput = Inputs['task1'];
