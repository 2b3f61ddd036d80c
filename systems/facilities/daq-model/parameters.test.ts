/** Changes and sweeps as text: what is read, what is refused, and that no text takes long. */
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cmsSystem } from './cms.ts';
import { parameterValue, parseChanges, parseSweep, type Setting, withSettings } from './parameters.ts';
import { onlyEvaluation, runWith } from './test-data.ts';

const system = cmsSystem({ run: 'run-5' });
const nodes = [...system.detectors, ...system.processors];

const onlyInputErrors = (read: () => unknown): void => {
	try {
		read();
	} catch (error) {
		expect(error).toBeInstanceOf(InputError);
		if (error instanceof InputError) expect(error.message).not.toContain('\n');
	}
};

test('random text as changes or as a sweep is read or refused with one InputError', () => {
	const piece = fc.oneof(
		fc.string({ maxLength: 12 }),
		fc.constantFrom(...nodes.map((node) => node.name)),
		fc.constantFrom(
			'.',
			'=',
			';',
			',',
			'..',
			'/',
			' ',
			'reductionRatio',
			'dataBytes',
			'skillBoost',
			'1e3',
			'-1',
			'5',
			'NaN',
			'1e999',
		),
		fc.constantFrom('Global.reductionRatio=40..450/3', 'HGCAL.dataBytes=1,2', '__proto__', 'constructor.name', '0x10', '\u2028'),
	);
	fc.assert(
		fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
			const text = pieces.join('').slice(0, 2000);
			onlyInputErrors(() => parseChanges(text, system, ['changes']));
			onlyInputErrors(() => parseSweep(text, system, ['sweep']));
		}),
		{ numRuns: 1500 },
	);
});

test.each([
	'.'.repeat(2000),
	`${'a.'.repeat(999)}=`,
	`${'Global.a '.repeat(220)}=1`,
	`Global.reductionRatio=${'1..'.repeat(600)}`,
	`Global.reductionRatio=${','.repeat(1900)}`,
	`Global.reductionRatio=1${' '.repeat(1900)}x`,
	'Global.reductionRatio=1;'.repeat(80),
	'Global.reductionRatio=1..2/99999999999999999999',
])('a long text ends at once: %#', (text) => {
	onlyInputErrors(() => parseSweep(text, system, ['sweep']));
	onlyInputErrors(() => parseChanges(text, system, ['changes']));
});

test('every number of every node can be set, and nothing else changes', () => {
	const settings = fc.constantFrom(...nodes).chain((node) =>
		fc.record({
			node: fc.constant(node.name),
			parameter: fc.constantFrom('dataBytes', 'linkEnergyJPerBit', 'opEnergyJPerOp', 'compression', 'routingLatencyS'),
			value: fc.double({ min: 0, max: 1, noNaN: true }),
		}),
	);
	fc.assert(
		fc.property(settings, (setting: Setting) => {
			const text = `${setting.node}.${setting.parameter} = ${setting.value}`;
			const changed = withSettings(system, parseChanges(text, system, ['changes']));
			for (const [index, node] of [...changed.detectors, ...changed.processors].entries()) {
				const before = nodes[index];
				if (before === undefined) throw new Error('no such node');
				if (node.name !== setting.node) expect(node).toEqual(before);
				else {
					expect(parameterValue(node, setting.parameter)).toBe(setting.value);
					expect({ ...node, [setting.parameter]: 0 }).toEqual({ ...before, [setting.parameter]: 0 });
				}
			}
		}),
		{ numRuns: 80 },
	);
});

test('a sweep of two axes gives its cells row by row, each as a run of its own gives', async () => {
	const raw = { ...onlyEvaluation, curves: 'stand-in', samples: 5000 };
	const swept = await runWith({ ...raw, sweep: 'Global.opEnergyJPerOp=8,16; Intermediate.reductionRatio=50..100/3' });
	expect(swept.sweep?.axes).toEqual(['Global.opEnergyJPerOp', 'Intermediate.reductionRatio']);
	expect(swept.sweep?.cells.map((cell) => cell.values)).toEqual([
		[8, 50],
		[8, 75],
		[8, 100],
		[16, 50],
		[16, 75],
		[16, 100],
	]);
	for (const cell of swept.sweep?.cells ?? []) {
		const [energy, ratio] = cell.values;
		const alone = await runWith({ ...raw, changes: `Global.opEnergyJPerOp=${energy}; Intermediate.reductionRatio=${ratio}` });
		expect(cell.metrics).toEqual(alone.metrics);
	}
});
