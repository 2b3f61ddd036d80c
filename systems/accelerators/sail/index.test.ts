import { createContext, memoryFile, parseInputs, type Subject } from '@assay/contract';
import { writeGguf } from '@assay/models/gguf';
import { describe, expect, test } from 'vitest';
import system from './index.ts';
import type { Outputs } from './outputs.ts';

const runWith = (raw: unknown, files: Readonly<Record<string, Uint8Array>> = {}): Promise<Outputs> =>
	system.run(
		parseInputs(system, raw),
		createContext({ open: async (reference) => memoryFile(reference, files[reference] ?? '') }),
	);

describe('a plan', () => {
	test('of Llama 2 7B: faster than cores that unpack, bound by memory at one sequence, by the arrays from some batch on', async () => {
		const { plan } = await runWith({});
		expect(plan?.step.limit).toBe('reading weights');
		expect(plan?.baselines[0]?.speedup).toBeGreaterThan(3);
		expect(plan?.computeBoundFrom).toBeGreaterThan(8);
		const large = await runWith({ batch: plan?.computeBoundFrom ?? 0, context: 1 });
		expect(large.plan?.step.limit).toBe('arrays');
		const rows = plan?.rows ?? [];
		expect(rows[0]?.from).toBe(0);
		expect(rows.at(-1)?.to).toBe(256);
		for (const [index, { from }] of rows.entries()) if (index > 0) expect(from).toBe(rows[index - 1]?.to);
	});

	test('more arrays and more bandwidth are never slower, and a V100 with weights of 16 bits never faster than one with theirs', async () => {
		const { plan } = await runWith({ batch: 32, context: 1 });
		for (const curve of [plan?.arrayCounts ?? [], plan?.bandwidths ?? []]) {
			expect(curve.length).toBeGreaterThan(3);
			for (const [index, { tokensPerSecond }] of curve.entries())
				expect(tokensPerSecond).toBeGreaterThanOrEqual((curve[index - 1]?.tokensPerSecond ?? 0) * (1 - 1e-9));
		}
		const [, quantised, halves] = plan?.baselines ?? [];
		// 4.5 against 16 bits a weight.
		expect((quantised?.tokensPerSecond ?? 0) / (halves?.tokensPerSecond ?? 1)).toBeCloseTo(16 / 4.5, 9);
	});

	test('saving by patterns never takes longer', async () => {
		const slow = { batch: 200, context: 1 };
		const both = await runWith(slow);
		const none = await runWith({ ...slow, patterns: { mergeSigns: false, skipZeros: false } });
		expect(both.plan?.step.lookupSeconds).toBeLessThan(none.plan?.step.lookupSeconds ?? 0);
		expect(none.plan?.groups[0]?.cycleShare).toBe(1);
	});

	test('of a GGUF file: shapes and widths are its own, product by product', async () => {
		const metadata = new Map<string, number | string>([
			['general.architecture', 'llama'],
			['llama.block_count', 1],
			['llama.embedding_length', 256],
			['llama.feed_forward_length', 512],
			['llama.attention.head_count', 4],
			['llama.context_length', 128],
		]);
		const q4 = (name: string, depth: number, columns: number) => ({
			name,
			shape: [depth, columns],
			type: 'Q4_0' as const,
			content: new Uint8Array(((depth * columns) / 32) * 18),
		});
		const down = { name: 'blk.0.ffn_down.weight', shape: [512, 256], type: 'Q6_K' as const, content: new Uint8Array(512 * 210) };
		const attention = ['q', 'k', 'v', 'output'].map((part) => q4(`blk.0.attn_${part}.weight`, 256, 256));
		const feedForward = [q4('blk.0.ffn_gate.weight', 256, 512), q4('blk.0.ffn_up.weight', 256, 512), down];
		const tensors = [q4('token_embd.weight', 256, 320), ...attention, ...feedForward];
		const { plan } = await runWith({ gguf: 'tiny.gguf' }, { 'tiny.gguf': writeGguf(metadata, tensors) });
		expect(plan?.products.find(({ name }) => name === 'feed-forward down')).toMatchObject({
			depth: 512,
			columns: 256,
			weightBits: 6,
		});
		expect(plan?.products.find(({ name }) => name === 'output head')).toMatchObject({ columns: 320, weightBits: 4 });
		const bits = 4.5 * (4 * 256 * 256 + 2 * 256 * 512 + 256 * 320) + 6.5625 * 512 * 256;
		expect((plan?.model.storedBytes ?? 0) / (bits / 8)).toBeCloseTo(1, 9);
		const lacking = writeGguf(metadata, tensors.slice(0, 3));
		await expect(runWith({ gguf: 'x.gguf' }, { 'x.gguf': lacking })).rejects.toThrow(/no tensor for values/);
	});

	test('activations of one’s own', async () => {
		const header = `${"{'descr': '<f4', 'fortran_order': False, 'shape': (1, 64), }".padEnd(117)}\n`;
		const head = [0x93, ...new TextEncoder().encode('NUMPY'), 1, 0, header.length, 0, ...new TextEncoder().encode(header)];
		const file = Uint8Array.from([...head, ...new Uint8Array(new Float32Array(64).buffer)]);
		const { plan } = await runWith({ patterns: { activations: 'x.npy' } }, { 'x.npy': file });
		// All zeros: every plane can be passed over.
		expect(plan?.groups[2]?.zeroShare).toBe(1);
	});

	test.for([
		[{ cache: { rows: 16 } }, /at least \d+ for weights of 4 bits/],
		[{ batch: 0 }, /batch/],
		[{ prices: { cache: 0 } }, /prices\.cache/],
		[{ weights: { bits: 9 } }, /weights\.bits/],
		[{ weights: { bits: 8, storedBits: 7.5 } }, /weights\.storedBits: found 7.5, expected at least weights.bits, 8/],
		[{ model: { name: 'bert-base' } }, /bert-base, an encoder, expected a model that generates tokens/],
		[{ model: { name: 'lama-2-7b' } }, /llama-2-7b/],
	] as const)('%j is refused by name', async ([raw, reason]) => {
		await expect((async () => runWith(raw))()).rejects.toThrow(reason);
	});

	test('weights of one bit and activations of one bit work', async () => {
		const { plan } = await runWith({ weights: { bits: 1, activationBits: 1 } });
		expect(plan?.step.tokensPerSecond).toBeGreaterThan(50);
	});
});

test('measured here: every kernel is exact, whatever the sizes', async () => {
	const { measured } = await runWith({ mode: 'measure-here', here: { depth: 300, columns: 40, repeats: 2 } });
	expect(measured).toMatchObject({ depth: 384, columns: 48 });
	expect(measured?.points.every(({ isExact }) => isExact)).toBe(true);
	// On this thread alone; claim C7-threads and the contract's suite have more.
	expect(measured?.threads.map(({ bits, threads, overOne, isExact }) => [bits, threads, overOne, isExact])).toEqual([
		[2, 1, 1, true],
		[4, 1, 1, true],
	]);
	expect(measured?.points.filter(({ way }) => way === 'tables').map(({ bits }) => bits)).toEqual([1, 2, 3, 4, 5, 6, 8]);
});

describe('advice', () => {
	const applies = (subject: Subject) => system.advise?.applies(subject) ?? { reason: 'no advice' };

	test.for<[Subject, RegExp]>([
		[{ goal: 'serve', model: 'llama-2-7b', machine: 'epyc-9654' }, /designing hardware/],
		[{ goal: 'design-chip', model: 'llama-2-7b', machine: '8xh100' }, /is a gpu/],
		[{ goal: 'design-chip', model: 'bert-base', machine: 'epyc-9654' }, /generates no tokens/],
		[{ goal: 'design-chip', machine: 'epyc-9654' }, /no model/],
	])('does not apply to %j', ([subject, reason]) => {
		const answer = applies(subject);
		expect('reason' in answer ? answer.reason : '').toMatch(reason);
	});

	test('on a processor it is a gain that nobody has measured', async () => {
		const answer = applies({ goal: 'design-chip', model: 'llama-2-7b', machine: 'epyc-9654' });
		if ('reason' in answer) throw new Error(answer.reason);
		const assessed = system.advise?.assess(await runWith(answer.inputs));
		if (assessed === undefined || 'reason' in assessed) throw new Error(assessed?.reason);
		expect(assessed.gain.throughput).toBeGreaterThan(1);
		expect(assessed.unchecked).toMatch(/no such cache/);
	});
});
