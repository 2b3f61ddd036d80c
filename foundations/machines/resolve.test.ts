import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clusterTotals } from './cluster.ts';
import { deviceSchema, figuresOf } from './device.ts';
import { catalogueWith, describeCluster, listClusters, listDevices, resolveMachine } from './resolve.ts';

test('every known device is a valid device', () => {
	expect(listDevices().length).toBeGreaterThanOrEqual(45);
	for (const device of listDevices()) expect(deviceSchema.parse(device)).toEqual(device);
});

test('every figure of every known device has a source', () => {
	for (const device of listDevices()) {
		for (const figure of figuresOf(device)) {
			expect(device.sources[figure]?.url, `${device.name}: ${figure}`).toMatch(/^https:\/\//);
		}
		for (const figure of Object.keys(device.sources)) expect(figuresOf(device)).toContain(figure);
	}
});

test('names and aliases are unique among devices and clusters', () => {
	const names = [...listDevices(), ...listClusters()].flatMap(({ name, aliases }) => [name ?? '', ...aliases]);
	expect(new Set(names.map((name) => name.toLowerCase())).size).toBe(names.length);
});

test('narrower formats are never slower, and the fastest link comes first', () => {
	for (const { name, peakOpsPerSecond: peak, links, memory } of listDevices()) {
		const rates = [peak.fp32, peak.tf32, peak.bf16, peak.fp8, peak.fp4].filter((rate) => rate !== undefined);
		expect(rates, name).toEqual([...rates].sort((a, b) => a - b));
		const bandwidths = links.map((link) => link.bandwidthBytesPerSecond);
		expect(bandwidths, name).toEqual([...bandwidths].sort((a, b) => b - a));
		expect(memory.internalBandwidthBytesPerSecond ?? Number.POSITIVE_INFINITY).toBeGreaterThan(memory.bandwidthBytesPerSecond);
	}
});

test('eight H100 in a node', () => {
	const cluster = resolveMachine('8xh100');
	expect(cluster).toMatchObject({ name: '8xh100-sxm', nodes: 1, devicesPerNode: 8, interNode: null, nodePowerWatts: 10_200 });
	expect(cluster.intraNode).toEqual({ kind: 'nvlink', bandwidthBytesPerSecond: 450e9, latencySeconds: 0.6e-6 });
	expect(clusterTotals(cluster)).toMatchObject({
		devices: 8,
		memoryBytes: 640e9,
		memoryBandwidthBytesPerSecond: 26.8e12,
		devicePowerWatts: 5600,
		nodePowerWatts: 10_200,
	});
	expect(clusterTotals(cluster).peakOpsPerSecond.bf16).toBeCloseTo(7915.2e12, -6);
});

test('more than a node’s devices fill several nodes', () => {
	const cluster = resolveMachine('16 x A100');
	expect(cluster).toMatchObject({ nodes: 2, devicesPerNode: 8 });
	expect(cluster.interNode).toEqual({ kind: 'infiniband', bandwidthBytesPerSecond: 25e9, latencySeconds: 2.7e-6 });
	expect(() => resolveMachine('12xh100')).toThrow(/at most 8 devices, or a multiple of 8.*did you mean 16xh100-sxm\?/);
});

test('one device needs no links; devices without a link of their own have none between them', () => {
	expect(resolveMachine('h100')).toMatchObject({ name: 'h100-sxm', nodes: 1, devicesPerNode: 1, intraNode: null });
	expect(resolveMachine('2xgddr6-aim').intraNode).toBeNull();
	expect(resolveMachine('4x4090').intraNode).toMatchObject({ kind: 'pcie', bandwidthBytesPerSecond: 32e9 });
});

test('presets, and several of them', () => {
	expect(clusterTotals(resolveMachine('DGX-B200'))).toMatchObject({ devices: 8, memoryBytes: 1440e9, nodePowerWatts: 14_300 });
	expect(resolveMachine('4xdgx-h100')).toMatchObject({ name: '4xdgx-h100', nodes: 4, devicesPerNode: 8 });
	expect(clusterTotals(resolveMachine('4xdgx-h100')).nodePowerWatts).toBe(40_800);
	expect(resolveMachine('16xtpu-v5e')).toMatchObject({ nodes: 1, devicesPerNode: 16 });
	for (const { name } of listClusters()) expect(resolveMachine(name ?? '').device.name.length).toBeGreaterThan(0);
});

test('a description: of a cluster, by a device’s name or the device, or of a device alone', () => {
	const cluster = resolveMachine({
		device: 'l4',
		nodes: 3,
		devicesPerNode: 2,
		interNode: { kind: 'ethernet', bandwidthBytesPerSecond: 1.25e9, latencySeconds: 2e-5 },
	});
	expect(cluster.interNode).toEqual({ kind: 'ethernet', bandwidthBytesPerSecond: 1.25e9, latencySeconds: 2e-5 });
	expect(clusterTotals(cluster).memoryBytes).toBe(144e9);
	const own = { name: 'mine', kind: 'accelerator', memory: { kind: 'HBM', bytes: 1e9, bandwidthBytesPerSecond: 1e9 } };
	expect(clusterTotals(resolveMachine(own)).devicePowerWatts).toBeNull();
	expect(resolveMachine({ device: own, devicesPerNode: 4 })).toMatchObject({ name: '4xmine', devicesPerNode: 4 });
});

test.each([
	['h10', /machine: found "h10".*did you mean/],
	['8xh10o', /did you mean 8xh100\?/],
	['dgx-h10', /did you mean dgx-h100\?/],
	['0xh100', /a number from 1 to 1000000/],
	['99999999999xh100', /a number from 1 to 1000000/],
	['', /machine: found ""/],
	[{ device: 'h1000' }, /machine\.device: found "h1000".*did you mean h100\?/],
	[{ device: 'h100', nodes: 0 }, /machine\.nodes: found 0, expected at least 1/],
	[{ device: 'h100', node: 1 }, /unknown name "node"/],
	[{ name: 'mine' }, /machine\.kind/],
	[7, /machine: found 7/],
	[null, /machine: found null/],
])('%o is answered', (reference, expected) => {
	expect(() => resolveMachine(reference)).toThrow(expected);
	expect(() => resolveMachine(reference)).toThrow(InputError);
});

test('a device of the user’s hides a known one', () => {
	const memory = { kind: 'HBM3', bytes: 1, bandwidthBytesPerSecond: 1 };
	const device = deviceSchema.parse({ name: 'H100', kind: 'gpu', memory });
	const catalogue = catalogueWith({ devices: [device], clusters: [] });
	expect(catalogue.resolveMachine('h100').device).toBe(device);
	expect(catalogue.resolveMachine('h100-sxm').device.memory.bytes).toBe(80e9);
	expect(catalogue.listDevices()[0]).toBe(device);
});

test('arbitrary references raise nothing but InputError', () => {
	const anything = fc.oneof(
		fc.jsonValue(),
		fc.string(),
		fc.string().map((text) => `8x${text}`),
		fc.object(),
	);
	fc.assert(
		fc.property(anything, fc.boolean(), (value, asCluster) => {
			try {
				resolveMachine(asCluster && typeof value === 'object' ? { device: 'h100', ...value } : value);
			} catch (error) {
				if (!(error instanceof InputError)) throw error;
			}
		}),
		{ numRuns: 1000 },
	);
});

test('a cluster described resolves to itself, host and all', () => {
	for (const name of ['8xh100', '4xdgx-a100', 'workstation-4090', 'rtx-4090', '16xmi300x', 'epyc-9654']) {
		const cluster = resolveMachine(name);
		const { name: _, ...facts } = resolveMachine(JSON.parse(JSON.stringify(describeCluster(cluster))));
		expect({ name: cluster.name, ...facts }).toEqual(cluster);
	}
	expect(resolveMachine('8xh100').host?.memoryBytes).toBe(2e12);
	expect(resolveMachine('16xh100').host?.storage?.drives).toBe(8);
	expect(resolveMachine('rtx-4090').host?.deviceLinkBytesPerSecond).toBe(32e9);
	expect(resolveMachine('4xh100').host).toBeNull();
});
