import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { squareConvolution } from '../networks/task-network.ts';
import { BUILT_IN_MAPPINGS } from './built-in-mappings.ts';
import { layerCost } from './layer-cost.ts';
import { parseMapping } from './parse-mapping.ts';

const NETWORK = `
Constant CT 64; // channels to a cluster
Network N {
	Layer A { Type: CONV  Dimensions { K: 8, C: 8, R: 3, S: 3, Y: 10, X: 10 }
		Dataflow {
			SpatialMap(1,1) K; TemporalMap(CT,CT) C; TemporalMap(Sz(R),Sz(R)) R; TemporalMap(Sz(S),Sz(S)) S;
			TemporalMap(1,1) Y'; TemporalMap(1,1) X'; /* rows and columns of outputs */
			Cluster(CT, P);
			SpatialMap(1,1) C; TemporalMap(1,1) Y'; TemporalMap(1,1) X';
			TemporalMap(Sz(R),Sz(R)) R; TemporalMap(Sz(S),Sz(S)) S;
		}
	}
}`;

test('a network file with constants and output dimensions costs the same as the built-in dla', () => {
	const layer = squareConvolution('', 96, 40, 20);
	const cost = (mapping: typeof BUILT_IN_MAPPINGS.dla) => layerCost(layer, { mapping, elements: 576, bandwidth: 24 }, 'maestro');
	expect(cost(parseMapping('own', NETWORK))).toEqual(cost(BUILT_IN_MAPPINGS.dla));
});

test.for([
	['', /Dataflow \{/],
	['Dataflow { TemporalMap(1,1) K; }', /0 spatial maps/],
	['Dataflow { SpatialMap(1,1) Q; }', /found Q/],
	['Dataflow {\n SpatialMap(1,1) K;\n Map(1,1) C;\n}', /line 3/],
	['Dataflow { SpatialMap(Tile,1) K; }', /Tile/],
	['Dataflow { SpatialMap(0,1) K; }', /0/],
	['Dataflow { SpatialMap(1,1) K; TemporalMap(1,1) K; }', /second time/],
	['Dataflow { SpatialMap(1,1) K; } Dataflow { SpatialMap(1,1) C; }', /another dataflow in line 1/],
] as const)('%j is refused', ([content, reason]) => {
	expect(() => parseMapping('m', content)).toThrow(InputError);
	expect(() => parseMapping('m', content)).toThrow(reason);
});

test('any text is either a mapping or refused as the user’s', () => {
	const word = fc.constantFrom(
		'Dataflow',
		'{',
		'}',
		'SpatialMap',
		'TemporalMap',
		'Cluster',
		'(',
		')',
		',',
		';',
		'K',
		'C',
		"Y'",
		'Sz(R)',
		'1',
		'-3',
		'+',
		'\n',
		'Constant',
	);
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string(),
				fc.array(word, { maxLength: 40 }).map((words) => words.join(' ')),
			),
			(content) => {
				try {
					parseMapping('m', content);
				} catch (error) {
					expect(error).toBeInstanceOf(InputError);
				}
			},
		),
		{ numRuns: 500 },
	);
});

test('whatever parses has a finite cost, or none', () => {
	const map = fc.tuple(
		fc.constantFrom('SpatialMap', 'TemporalMap'),
		fc.constantFrom('1', '2', '7', 'Sz(R)', 'Sz(S)'),
		fc.constantFrom('1', '2', '3'),
		fc.constantFrom('K', 'C', 'R', 'S', 'Y', 'X'),
	);
	const level = fc.uniqueArray(map, { selector: ([, , , dimension]) => dimension, minLength: 1, maxLength: 6 });
	const text = fc.tuple(level, level).map(([outer, inner]) => {
		const lines = (maps: typeof outer): string =>
			maps.map(([kind, size, offset, dimension]) => `${kind}(${size},${offset}) ${dimension};`).join(' ');
		return `Dataflow { ${lines(outer)} Cluster(4, P); ${lines(inner)} }`;
	});
	const layer = squareConvolution('', 5, 6, 9);
	fc.assert(
		fc.property(text, (content) => {
			let mapping: ReturnType<typeof parseMapping>;
			try {
				mapping = parseMapping('m', content);
			} catch {
				return;
			}
			const cost = layerCost(layer, { mapping, elements: 32, bandwidth: 8 }, 'maestro');
			expect(Number.isFinite(cost?.cycles ?? 0)).toBe(true);
			expect(Number.isFinite(cost?.energy ?? 0)).toBe(true);
		}),
		{ numRuns: 300 },
	);
});
