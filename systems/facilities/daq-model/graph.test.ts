import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sampledClassifier } from './classifier.ts';
import { cmsSystem } from './cms.ts';
import { evaluate } from './evaluate.ts';
import { createGraph, downstream, globalRatios } from './graph.ts';
import { type GraphJson, graphFromJson, graphFromJsonText, graphToJson } from './json-graph.ts';
import { metricsOf } from './metrics.ts';
import { graphWithSettings, parseChanges, parseSweep, withSettings } from './parameters.ts';
import { powerSlope } from './sensitivity.ts';
import { classifiers } from './skills.ts';

const options = { mode: 'exact', linkLoad: 'before-compression' } as const;

/** Random layered systems: 2 to 5 layers, fan-in 1 to 8, bytes 1e2 to 1e7 and ratios 1 to 1e3, both log-uniform. */
const randomSystem = fc
	.record({
		layers: fc.array(fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { minLength: 1, maxLength: 3 }), {
			minLength: 1,
			maxLength: 4,
		}),
		detectors: fc.array(fc.double({ min: 2, max: 7, noNaN: true }), { minLength: 1, maxLength: 8 }),
		skill: fc.double({ min: 0, max: 4, noNaN: true }),
		compression: fc.double({ min: 0, max: 0.9, noNaN: true }),
		picks: fc.array(fc.nat(1000), { minLength: 40, maxLength: 40 }),
		branching: fc.boolean(),
	})
	.map(({ layers, detectors, skill, compression, picks, branching }): GraphJson => {
		let draw = 0;
		const next = () => picks[draw++ % picks.length] ?? 0;
		const name = (layer: number, index: number) => `L${layer}N${index}`;
		const feeds = (layer: number): string[] => {
			const row = layers[layer];
			if (row === undefined) return ['Sink'];
			const first = next() % row.length;
			const second = next() % row.length;
			return branching && first !== second ? [name(layer, first), name(layer, second)] : [name(layer, first)];
		};
		const processors = layers.flatMap((row, layer) =>
			row.map((ratio, index) => ({
				name: name(layer, index),
				outputs: feeds(layer + 1),
				dataBytes: 10,
				compression,
				reductionRatio: 10 ** ratio,
				classifier: 'Gaussian',
				skillMean: skill,
				skillVariance: 1,
				opEnergyJPerOp: 1e-9,
				linkEnergyJPerBit: 1e-11,
			})),
		);
		const used = new Set<string>();
		const detectorRows = detectors.map((bytes, index) => {
			const outputs = feeds(0);
			return { name: `D${index}`, outputs, dataBytes: 10 ** bytes, sampleRateHz: 4e7, linkEnergyJPerBit: 2e-11 };
		});
		// Only what detectors reach is part of the system.
		const open = detectorRows.flatMap((row) => row.outputs);
		for (let at = open.pop(); at !== undefined; at = open.pop()) {
			if (used.has(at)) continue;
			used.add(at);
			open.push(...(processors.find((one) => one.name === at)?.outputs ?? []));
		}
		return {
			technologyYear: 2030,
			detectors: detectorRows,
			processors: [...processors.filter((one) => used.has(one.name)), { name: 'Sink', outputs: [] }],
		};
	});

const evaluated = (json: GraphJson, mode: 'exact' | 'published' = 'exact') => {
	const graph = createGraph(graphFromJson(json, ['graph']));
	return evaluate(graph, classifiers([], mode), { ...options, mode });
};

test('every classifying node reaches its ratio, and at every node discarded and kept add up to the detector rate', () => {
	fc.assert(
		fc.property(randomSystem, (json) => {
			const { nodes } = evaluated(json);
			for (const one of nodes) {
				const sum = one.discardedSoFar.irrelevant + one.discardedSoFar.relevant + one.kept.irrelevant + one.kept.relevant;
				expect(sum / 4e7).toBeCloseTo(1, 9);
				const here = one.discarded.irrelevant + one.discarded.relevant + one.kept.irrelevant + one.kept.relevant;
				expect(here).toBeCloseTo(one.inputRateHz, 3);
				if (one.node.kind === 'detector' || !one.classifies) continue;
				expect(one.outputRateHz / one.inputRateHz).toBeCloseTo(1 / one.node.reductionRatio, 9);
			}
		}),
		{ numRuns: 150 },
	);
});

test('with sampled scores every feasible ratio is reached within one sample', () => {
	const samples = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 50, maxLength: 50 });
	fc.assert(
		fc.property(randomSystem, samples, samples, (json, low, high) => {
			const scores = { irrelevant: Float64Array.from(low).sort(), relevant: Float64Array.from(high).sort() };
			const graph = createGraph(graphFromJson(json, ['graph']));
			const classifier = sampledClassifier(scores, 0.2, 'exact');
			const passing = classifiers([], 'exact');
			let result: ReturnType<typeof evaluate>;
			try {
				result = evaluate(
					graph,
					(node) => (node.kind === 'processor' && node.name !== 'Sink' ? classifier : passing(node)),
					options,
				);
			} catch (error) {
				expect(String(error)).toMatch(/no threshold meets/);
				return;
			}
			for (const one of result.nodes) {
				if (one.node.kind === 'detector' || !one.classifies) continue;
				const error = Math.abs(one.outputRateHz / one.inputRateHz - 1 / one.node.reductionRatio);
				expect(error).toBeLessThanOrEqual(1 / 50);
			}
		}),
		{ numRuns: 100 },
	);
});

test('whole events: at every node discarded and kept miss the detector rate by rounding alone', () => {
	fc.assert(
		fc.property(randomSystem, (json) => {
			for (const [index, one] of evaluated(json, 'published').nodes.entries()) {
				const sum = one.discardedSoFar.irrelevant + one.discardedSoFar.relevant + one.kept.irrelevant + one.kept.relevant;
				expect(sum).toBeLessThanOrEqual(4e7);
				expect(sum).toBeGreaterThan(4e7 - 6 * (index + 1));
			}
		}),
		{ numRuns: 100 },
	);
});

test('message sizes and global ratios are those of a recursion from the definition', () => {
	fc.assert(
		fc.property(randomSystem, (json) => {
			const result = evaluated(json);
			const { graph, nodes } = result;
			const message = (index: number): number => {
				const node = graph.nodes[index];
				if (node === undefined) return 0;
				const into = (graph.predecessors[index] ?? []).map((from) => message(from) * (1 - (graph.nodes[from]?.compression ?? 0)));
				return into.reduce((sum, bytes) => sum + bytes, node.dataBytes);
			};
			const ratios = globalRatios(graph);
			for (const [index, one] of nodes.entries()) {
				expect(one.messageBytes / message(index)).toBeCloseTo(1, 10);
				const own = (at: number) => {
					const node = graph.nodes[at];
					return node?.kind === 'processor' ? node.reductionRatio : 1;
				};
				const product = [...downstream(graph, index)].reduce((all, at) => all * own(at), own(index));
				expect((ratios[index] ?? 0) / product).toBeCloseTo(1, 10);
			}
		}),
		{ numRuns: 60 },
	);
});

test('a change of ratio reaches the global ratio of every detector upstream', () => {
	const graph = createGraph(cmsSystem({ run: 'run-5' }));
	expect(globalRatios(graph)[0]).toBeCloseTo(5330, 9);
	const changed = graphWithSettings(graph, [{ node: 'Intermediate', parameter: 'reductionRatio', value: 100 }]);
	expect(globalRatios(changed)[0]).toBe(10_000);
	expect(
		globalRatios(createGraph(withSettings(graph.description, [{ node: 'Global', parameter: 'reductionRatio', value: 10 }])))[0],
	).toBeCloseTo(533, 9);
});

test('a graph is the same after a journey through JSON', () => {
	fc.assert(
		fc.property(randomSystem, (json) => {
			const graph = graphFromJson(json, ['graph']);
			expect(graphFromJsonText(JSON.stringify(graphToJson(graph)), 'graph')).toEqual(graph);
		}),
		{ numRuns: 50 },
	);
});

test('exact power slopes are the limits of finite differences', () => {
	fc.assert(
		fc.property(
			randomSystem,
			fc.constantFrom('dataBytes', 'opEnergyJPerOp', 'linkEnergyJPerBit'),
			fc.nat(100),
			(json, parameter, pick) => {
				const result = evaluated(json);
				const node = result.nodes[pick % result.nodes.length]?.node;
				if (node === undefined || node[parameter] === 0) return;
				const step = node[parameter] * 1e-3;
				const power = (value: number) => {
					const graph = graphWithSettings(result.graph, [{ node: node.name, parameter, value }]);
					const metrics = metricsOf(evaluate(graph, classifiers([], 'exact'), options), 1);
					return metrics.totalPowerW;
				};
				const difference = (power(node[parameter] + step) - power(node[parameter] - step)) / (2 * step);
				const slope = powerSlope(result, node.name, parameter, 'before-compression') ?? Number.NaN;
				const size = metricsOf(result, 1).totalPowerW / step;
				expect(Math.abs(slope - difference) / size).toBeLessThan(1e-9);
			},
		),
		{ numRuns: 100 },
	);
});

test('Gaussian chain by hand', () => {
	const { nodes, links, kept } = evaluated({
		technologyYear: 2022,
		detectors: [{ name: 'D', outputs: ['T'], dataBytes: 1000, sampleRateHz: 1e6, compression: 0.5, linkEnergyJPerBit: 1e-9 }],
		processors: [
			{
				name: 'T',
				outputs: ['S'],
				dataBytes: 100,
				reductionRatio: 40,
				classifier: 'Gaussian',
				skillVariance: 1,
				opEnergyJPerOp: 1e-6,
			},
			{ name: 'S', outputs: [] },
		],
	});
	expect(nodes.map((one) => one.messageBytes)).toEqual([1000, 600, 600]);
	expect(links[0]?.powerW).toBeCloseTo(1000 * 8 * 1e-9 * 1e6, 9);
	expect(nodes[1]?.powerW).toBeCloseTo(600 * 1e-6 * 1e6, 9);
	expect(nodes[1]?.outputRateHz).toBeCloseTo(25_000, 6);
	// Without skill the kept events hold relevant ones in their share of all.
	expect(kept.relevant).toBeCloseTo(25_000 / 40, 6);
});

test('changes and sweeps are read, and say what is wrong with them', () => {
	const system = cmsSystem({ run: 'run-5' });
	expect(parseChanges('Global.opEnergyJPerOp=8; Inner Tracker.dataBytes = 1e6', system, ['changes'])).toEqual([
		{ node: 'Global', parameter: 'opEnergyJPerOp', value: 8 },
		{ node: 'Inner Tracker', parameter: 'dataBytes', value: 1e6 },
	]);
	expect(
		parseSweep('Intermediate.reductionRatio=40..450/3;Global.opEnergyJPerOp=8,16', system, ['sweep']).map((axis) => axis.values),
	).toEqual([
		[40, 245, 450],
		[8, 16],
	]);
	for (const [text, message] of [
		['Globl.opEnergyJPerOp=8', /no node "Globl".*did you mean Global/],
		['Global.opEnergyJPerO=8', /no parameter "opEnergyJPerO".*did you mean opEnergyJPerOp/],
		['Global.reductionRatio=0.5', /found 0.5, expected at least 1/],
		['Global.reductionRatio=abc', /found "abc", expected a finite number/],
		['Global', /expected node.parameter=value/],
		['HGCAL.reductionRatio=5', /no parameter "reductionRatio" of HGCAL/],
		['Global.reductionRatio=1,2', /found 2 values/],
	] as const) {
		expect(() => parseChanges(text, system, ['changes'])).toThrow(message);
	}
	expect(() => parseSweep('Global.reductionRatio=1..9/200;Intermediate.reductionRatio=1..9/200', system, ['sweep'])).toThrow(
		/40000 points/,
	);
});
