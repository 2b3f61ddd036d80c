/** One token looked at closely: where its time and energy go. */
import { Spans } from '@assay/events';
import { busTransfers, type EnergyPart, energyParts, type MemoryEnergy, spentEnergy } from './energy/energy.ts';
import { bytesOfRows, type Hardware } from './hardware/hardware.ts';
import { BURST_BYTES } from './hardware/timing.ts';
import type { ModelMap } from './mapping/model-map.ts';
import type { SimulationOutput } from './outputs.ts';
import { spanKinds } from './simulation/channel.ts';
import { addCounts, noCounts } from './simulation/channel-state.ts';
import { operations } from './simulation/operations.ts';
import { productTimes } from './simulation/products.ts';
import { sumCounts, TokenSimulation } from './simulation/token.ts';

/** Intervals of the plot of utilisation. */
const INTERVALS = 16;
/** Channels that are recorded burst by burst; more would say the same. */
const RECORDED_CHANNELS = 8;

export interface TokenFigures {
	readonly seconds: number;
	readonly joules: number;
}

/** Time and energy of the next token of a simulation. */
export function nextToken(simulation: TokenSimulation, context: number, hardware: Hardware, energy: MemoryEnergy): TokenFigures {
	const before = sumCounts(simulation.channels);
	const { cycle, asicCycles } = simulation;
	simulation.token(context);
	const counts = noCounts();
	addCounts(counts, sumCounts(simulation.channels), before);
	const cycles = simulation.cycle - cycle;
	const spent = spentEnergy(counts, cycles, simulation.asicCycles - asicCycles, energy, hardware);
	return { seconds: secondsOf(cycles, hardware), joules: total(spent) };
}

function total(parts: Record<EnergyPart, number>): number {
	return energyParts.reduce((sum, part) => sum + parts[part], 0);
}

export function secondsOf(cycles: number, { timing }: Hardware): number {
	return cycles * timing.cycleNanoseconds * 1e-9;
}

type CloseUp = Pick<SimulationOutput, 'token' | 'movement' | 'utilisation' | 'timeline'>;

/** Simulates one token from a memory at rest and takes it apart. */
export function lookClosely(map: ModelMap, hardware: Hardware, context: number, energy: MemoryEnergy): CloseUp {
	const { memory } = hardware;
	const bursts = new Spans();
	const lanes = new Spans();
	const simulation = new TokenSimulation(map, hardware, (channel) => (channel < RECORDED_CHANNELS ? { spans: bursts } : {}));
	const spent = simulation.token(context, { lanes, layer: Math.floor(map.decoder.layers / 2) });
	const cycles = simulation.cycle;
	const seconds = secondsOf(cycles, hardware);
	const counts = sumCounts(simulation.channels);
	const joules = spentEnergy(counts, cycles, simulation.asicCycles, energy, hardware);
	const all = total(joules);
	const products = productTimes(map, hardware, context);
	const productCycles = products.reduce((sum, one) => sum + one.cycles, 0);
	const weightWords = weightWordsOf(map) + cacheWords(map, context);
	const wordsPerCycle = (memory.channels * memory.banks * memory.wordsPerColumn) / hardware.timing.ccd;
	const inChannels = (sum: number): number => secondsOf(sum / memory.channels, hardware);
	const channelParts = [
		{ what: 'multiplying', cycles: counts.multiplyCycles },
		{ what: 'loading vectors', cycles: counts.loadCycles },
		{ what: 'refreshing', cycles: counts.refreshes * hardware.timing.rfc },
	];
	const busBytes = BURST_BYTES * busTransfers(counts);
	const modelBytes = map.decoder.parameters * memory.bytesPerWord;
	return {
		token: {
			context,
			seconds,
			tokensPerSecond: 1 / seconds,
			joules: all,
			watts: all / seconds,
			productSeconds: secondsOf(productCycles, hardware),
			idealSeconds: secondsOf(weightWords / wordsPerCycle, hardware),
			rowHitRate: 1 - counts.multiplyOpenings / counts.multiplies,
			multiplyingShare: counts.multiplyCycles / (memory.channels * cycles),
			operations: operations.flatMap((operation, i) => {
				const taken = spent[i] as number;
				return taken === 0 ? [] : [{ operation, seconds: secondsOf(taken, hardware), share: taken / cycles }];
			}),
			products: products.map(({ operation, cycles: taken, columns, openings }) => ({
				operation,
				seconds: secondsOf(taken, hardware),
				rowHitRate: columns === 0 ? null : 1 - openings / columns,
			})),
			channel: [
				...channelParts.map(({ what, cycles: sum }) => ({
					what,
					seconds: inChannels(sum),
					share: sum / (memory.channels * cycles),
				})),
				...[channelParts.reduce((rest, part) => rest - part.cycles, memory.channels * cycles)].map((rest) => ({
					what: 'changing rows, other transfers, waiting',
					seconds: inChannels(Math.max(0, rest)),
					share: Math.max(0, rest) / (memory.channels * cycles),
				})),
			],
			energy: energyParts.map((part) => ({ part, joules: joules[part], share: joules[part] / all })),
		},
		movement: { busBytes, modelBytes, reduction: modelBytes / busBytes },
		utilisation: utilisation(bursts, cycles, hardware),
		timeline: timeline(lanes, hardware),
	};
}

/** Words of the matrices that a token is multiplied with. */
function weightWordsOf({ layers, head, widening }: ModelMap): number {
	const of = ({ inputs, outputs }: { readonly inputs: number; readonly outputs: number }): number => inputs * outputs;
	const inLayers = layers.reduce(
		(sum, { matrices }) => sum + Object.values(matrices).reduce((words, matrix) => words + of(matrix), 0),
		0,
	);
	return inLayers + of(head) + (widening === null ? 0 : of(widening.into) + of(widening.back));
}

/** Words of keys and values that a token meets. */
function cacheWords({ layers, decoder }: ModelMap, context: number): number {
	const perToken = 2 * decoder.kvHeads * decoder.headDim;
	return layers.reduce((sum, { keys }) => sum + perToken * Math.min(context, keys.tokens), 0);
}

/** Share of each interval of the token in which a channel multiplies. */
function utilisation(spans: Spans, cycles: number, hardware: Hardware): SimulationOutput['utilisation'] {
	const channels = Math.min(RECORDED_CHANNELS, hardware.memory.channels);
	const width = cycles / INTERVALS;
	const busy = new Float64Array(channels * INTERVALS);
	const [track, kind, start, end] = [spans.track.view(), spans.kind.view(), spans.start.view(), spans.end.view()];
	for (let i = 0; i < spans.length; i++) {
		if (kind[i] !== spanKinds.indexOf('multiply')) continue;
		const from = start[i] as number;
		const to = Math.min(cycles, end[i] as number);
		for (let interval = Math.floor(from / width); interval < INTERVALS && interval * width < to; interval++) {
			const at = (track[i] as number) * INTERVALS + interval;
			const shared = Math.min(to, (interval + 1) * width) - Math.max(from, interval * width);
			busy[at] = (busy[at] as number) + Math.max(0, shared);
		}
	}
	return Array.from(busy, (sum, at) => {
		const interval = at % INTERVALS;
		return {
			channel: Math.floor(at / INTERVALS),
			fromSeconds: secondsOf(interval * width, hardware),
			toSeconds: secondsOf((interval + 1) * width, hardware),
			share: sum / width,
		};
	});
}

/** One layer's operations by lane, from the layer's start on. */
function timeline(lanes: Spans, hardware: Hardware): SimulationOutput['timeline'] {
	const [track, kind, start, end] = [lanes.track.view(), lanes.kind.view(), lanes.start.view(), lanes.end.view()];
	const first = start.reduce((earliest, cycle) => Math.min(earliest, cycle), Number.POSITIVE_INFINITY);
	const { channels } = hardware.memory;
	return Array.from(start, (from, i) => ({
		track: track[i] as number,
		operation: operations[kind[i] as number] ?? 'norms',
		startSeconds: secondsOf(from - first, hardware),
		endSeconds: secondsOf((end[i] as number) - first, hardware),
	}))
		.filter((one) => one.track < RECORDED_CHANNELS || one.track === channels)
		.map(({ track: lane, ...rest }) => ({ lane: lane === channels ? 'ASIC' : `channel ${lane}`, ...rest }));
}

/** Where everything lies: the head, the tables, and one layer; the other layers follow in the same way. */
export function describeLayouts(map: ModelMap, { memory }: Hardware): SimulationOutput['memory']['layouts'] {
	const filled = (words: number, rows: number): number =>
		rows === 0 ? 1 : (words * memory.bytesPerWord) / bytesOfRows(memory, rows);
	const matrices = [
		{ what: 'head', layout: map.head },
		...(map.decoder.tied ? [] : [{ what: 'embedding', layout: map.embedding }]),
		...(map.positions === null ? [] : [{ what: 'positions', layout: map.positions }]),
		...Object.entries(map.layers[0]?.matrices ?? {}).map(([name, layout]) => ({ what: `layer 0: ${name}`, layout })),
	].map(({ what, layout }) => ({
		what,
		inputs: layout.inputs,
		outputs: layout.outputs,
		outputsPerBank: layout.outputsPerBank,
		slices: layout.slices.length,
		order: layout.slices.length === 1 ? 'one slice' : layout.order,
		firstRow: layout.firstRow,
		rows: layout.rows,
		filled: filled(layout.inputs * layout.outputs, layout.rows),
	}));
	const layer = map.layers[0];
	if (layer === undefined) return matrices;
	const { keys, values, functions } = layer;
	const width = map.decoder.kvHeads * map.decoder.headDim;
	return [
		...matrices,
		{
			what: 'layer 0: keys',
			inputs: width,
			outputs: keys.tokens,
			outputsPerBank: keys.keysPerBank,
			slices: keys.groups.length,
			order: 'a token in one bank',
			firstRow: keys.firstRow,
			rows: keys.rows,
			filled: filled(width * keys.tokens, keys.rows),
		},
		{
			what: 'layer 0: values',
			inputs: values.tokens,
			outputs: width,
			outputsPerBank: values.blocksPerChannel,
			slices: Math.ceil(values.tokens / memory.bufferWords),
			order: 'a component in one bank',
			firstRow: values.firstRow,
			rows: values.rows,
			filled: filled(width * values.tokens, values.rows),
		},
		{
			what: 'layer 0: biases and norms',
			inputs: 0,
			outputs: map.decoder.functionWords,
			outputsPerBank: functions.wordsPerBank,
			slices: 0,
			order: 'read by the ASIC',
			firstRow: functions.firstRow,
			rows: functions.rows,
			filled: filled(map.decoder.functionWords, functions.rows),
		},
	];
}
