import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterTotals } from './cluster.ts';
import { parseMachineFile } from './machine-file.ts';
import { catalogueWith } from './resolve.ts';

const file = `# our machines
devices:
  - name: npu-1
    kind: accelerator
    peakOpsPerSecond: { bf16: 200e12, int8: 400e12 }
    memory:
      kind: HBM3
      bytes: 64e9
      bandwidthBytesPerSecond: 2e12
    links:
      - { kind: pcie, bandwidthBytesPerSecond: 64e9 }
    tdpWatts: 300
clusters:
  - name: rack
    device: npu-1
    nodes: 4
    devicesPerNode: 8
`;

test('machines of a file are named like known ones', () => {
	const catalogue = catalogueWith(parseMachineFile(file, 'machines.yaml'));
	expect(clusterTotals(catalogue.resolveMachine('rack'))).toMatchObject({
		devices: 32,
		memoryBytes: 2048e9,
		devicePowerWatts: 9600,
	});
	expect(catalogue.resolveMachine('16xNPU-1')).toMatchObject({ nodes: 2, devicesPerNode: 8 });
	expect(catalogue.resolveMachine('h100').device.name).toBe('h100-sxm');
});

test('JSON, a byte-order mark and an empty list are fine', () => {
	const json = JSON.stringify({ clusters: [{ name: 'pair', device: 'A100', devicesPerNode: 2 }] }, null, '\t');
	expect(catalogueWith(parseMachineFile(`\uFEFF${json}`, 'm.json')).resolveMachine('pair').devicesPerNode).toBe(2);
	expect(parseMachineFile('devices: []', 'm.yaml')).toEqual({ devices: [], clusters: [] });
});

test.each([
	['devices: [', /m\.yaml, line 1: found .*expected YAML or JSON/],
	['text', /m\.yaml, line 1: found "text", expected an object/],
	['', /m\.yaml, line 1: found null, expected an object/],
	[file.replace('64e9', 'much'), /line 8.+devices\[0\]\.memory\.bytes: found "much", expected a number/],
	[file.replace('64e9', '-1'), /devices\[0\]\.memory\.bytes: found -1, expected more than 0/],
	[file.replace('64e9', '.inf'), /devices\[0\]\.memory\.bytes: found Infinity/],
	[file.replace('tdpWatts', 'tdp'), /line 12.+devices\[0\]\.tdp: found the unknown name "tdp"/],
	[file.replace('kind: accelerator', 'kind: accelerater'), /line 4.+devices\[0\]\.kind: .*did you mean accelerator\?/],
	[file.replace('device: npu-1', 'device: npu-2'), /line 15.+clusters\[0\]\.device: found "npu-2".*did you mean npu-1\?/],
	[file.replace('name: rack', 'name: NPU-1'), /line 14.+clusters\[0\]\.name: found the name NPU-1 for the second time/],
	[file.replace('name: rack', 'name: 8xrack'), /clusters\[0\]\.name: found "8xrack"/],
	[`${file}clusters: []\n`, /line 18: found clusters for the second time/],
	[`a: ${'['.repeat(5000)}`, /deep nesting/],
	['- '.repeat(5000), /deep nesting/],
	['? '.repeat(5000), /deep nesting/],
	[`x: '${']'.repeat(9)}'\ny: ${'['.repeat(99)}`, /deep nesting/],
	['devices: *nothing', /found .*nothing/],
	['x'.repeat((1 << 18) + 1), /found 262145 characters, expected at most 262144/],
])('a wrong file is answered with its place: %#', (text, expected) => {
	expect(() => parseMachineFile(text, 'm.yaml')).toThrow(expected);
	expect(() => parseMachineFile(text, 'm.yaml')).toThrow(InputError);
});

test('aliases that multiply are refused', () => {
	let bomb = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
	for (let level = 1; level < 12; level++) {
		bomb += `a${level}: &a${level} [${Array.from({ length: 9 }, () => `*a${level - 1}`).join(', ')}]\n`;
	}
	expect(() => parseMachineFile(bomb, 'm.yaml')).toThrow(InputError);
});

test('the largest file is read or refused within seconds', () => {
	const size = 1 << 18;
	const keys = Array.from({ length: size / 8 }, (_, index) => `${index.toString(36)}:`)
		.join('\n')
		.slice(0, size);
	for (const text of [keys, '- \n'.repeat(size / 4), '"'.repeat(size), '{},'.repeat(size / 4), '#\n'.repeat(size / 2)]) {
		const start = performance.now();
		expect(() => parseMachineFile(text, 'm.yaml')).toThrow(InputError);
		expect(performance.now() - start).toBeLessThan(10_000);
	}
}, 60_000);

const onlyInputErrors = (text: string): void => {
	try {
		parseMachineFile(text, 'm.yaml');
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
	}
};

test('arbitrary text, bytes and JSON raise nothing but InputError', () => {
	const text = fc.oneof(
		fc.string({ unit: 'binary', maxLength: 400 }),
		fc.uint8Array({ maxLength: 400 }).map((bytes) => new TextDecoder().decode(bytes)),
		fc.string({ unit: fc.constantFrom(...'-:?&*!|>{}[],#\'"%@` \n\tax1'.split('')), maxLength: 60 }),
		fc.json(),
		fc.json().map((json) => `{"devices": ${json}}`),
	);
	fc.assert(fc.property(text, onlyInputErrors), { numRuns: 3000 });
});

test('a good file with a stretch replaced raises nothing but InputError', () => {
	fc.assert(
		fc.property(fc.nat(file.length), fc.nat(40), fc.string({ maxLength: 20 }), (from, length, filler) => {
			onlyInputErrors(file.slice(0, from) + filler + file.slice(from + length));
		}),
		{ numRuns: 1500 },
	);
});
