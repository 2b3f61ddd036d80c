/** What every system must fulfil, as tests. The catalog's test runs it over all systems; no system calls it itself. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createContext, type DataFile, type RunContext } from '../context.ts';
import { describeFields } from '../describe.ts';
import { InputError } from '../errors.ts';
import { parseInputs, type System } from '../system.ts';
import { arbitraryOutput } from './arbitrary-output.ts';

export interface ContractSuiteOptions {
	readonly open?: (reference: string) => Promise<DataFile>;
	/** Runs the system's tasks on several threads; results must not change. */
	readonly parallel?: RunContext['parallel'];
}

const SUITE_TIMEOUT_MILLISECONDS = 120_000;

/** A run with everything that it leaves, as text to be compared. */
async function runToText(
	system: System,
	inputs: unknown,
	seed: number,
	options: ContractSuiteOptions,
): Promise<{ text: string; outputs: unknown; progress: number[] }> {
	const artifacts: string[] = [];
	const progress: number[] = [];
	const context = createContext({
		seed,
		onProgress: (fraction) => progress.push(fraction),
		onArtifact: (name, content, mediaType) =>
			void artifacts.push(`${name} ${mediaType} ${Buffer.from(content).toString('base64')}`),
		...options,
	});
	const outputs = system.outputs.parse(await system.run(inputs, context));
	return { text: JSON.stringify([outputs, artifacts.sort()]), outputs, progress };
}

/** The default inputs, with a tenth of the effort where a system says what its effort is. */
function quickInputs(system: System): unknown {
	const inputs = parseInputs(system, system.examples[0].inputs);
	const path = system.fidelity?.split('.') ?? [];
	const name = path.at(-1);
	if (name === undefined) return inputs;
	const least = describeFields(system.inputs).find((field) => field.path.join('.') === system.fidelity)?.min ?? 1;
	const quick = structuredClone(inputs);
	const holder = path.slice(0, -1).reduce((at: unknown, step) => asRecord(at)[step], quick);
	if (typeof holder !== 'object' || holder === null) throw new TypeError(`no input ${system.fidelity}`);
	Object.assign(holder, { [name]: Math.max(least, Math.ceil(Number(asRecord(holder)[name]) / 10)) });
	return quick;
}

export function contractSuite(system: System, options: ContractSuiteOptions = {}): void {
	const { card } = system;
	describe(`contract of ${card.slug}`, { timeout: SUITE_TIMEOUT_MILLISECONDS }, () => {
		test('the card is complete', () => {
			expect(card.slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
			expect(card.question).toMatch(/\?$/);
			expect(card.paper.arxiv).toMatch(/^\d{4}\.\d{4,5}$/);
			expect(card.paper.authors.length).toBeGreaterThan(0);
		});

		test('examples are valid inputs and survive JSON', () => {
			expect(new Set(system.examples.map((example) => example.name)).size).toBe(system.examples.length);
			for (const example of system.examples) {
				const once = parseInputs(system, example.inputs);
				const again = parseInputs(system, JSON.parse(JSON.stringify(once)));
				expect(again).toEqual(once);
			}
		});

		test('every default is a valid value, every field has help, every number unit and bounds', () => {
			for (const field of describeFields(system.inputs)) {
				const place = field.path.join('.');
				// An element of a list of texts is explained by the list.
				if (field.path.at(-1) !== '*') expect(field.help, `help of ${place}`).not.toBe('');
				if (field.kind !== 'number' && field.kind !== 'integer') continue;
				expect(field.unit, `unit of ${place}`).toBeDefined();
				expect(field.min, `lower bound of ${place}`).toBeDefined();
				expect(field.max, `upper bound of ${place}`).toBeDefined();
				if (typeof field.default !== 'number') continue;
				expect(field.default, place).toBeGreaterThanOrEqual(field.min ?? 0);
				expect(field.default, place).toBeLessThanOrEqual(field.max ?? 0);
			}
			for (const field of describeFields(system.outputs, 'output')) {
				if (field.kind !== 'number' && field.kind !== 'integer') continue;
				expect(field.unit, `unit of output ${field.path.join('.')}`).toBeDefined();
				expect(field.help, `help of output ${field.path.join('.')}`).not.toBe('');
			}
		});

		test.skipIf(system.fidelity === undefined)('the input that says how much effort a run takes is a whole number', () => {
			const field = describeFields(system.inputs).find(({ path }) => path.join('.') === system.fidelity);
			expect(field?.kind).toBe('integer');
		});

		test('an unknown name, a wrong type and a NaN are each one InputError with a place', () => {
			expect(() => parseInputs(system, { ...asRecord(system.examples[0].inputs), 'no-such-input': 1 })).toThrow(InputError);
			for (const wrong of [null, 3, 'text', [], { 'no-such-input': Number.NaN }])
				expect(() => parseInputs(system, wrong)).toThrow(InputError);
		});

		// One run on several threads and one on a single thread: a result that depends on either run or threads shows in both.
		test('same seed, same bytes, on one thread and on several; progress never falls and ends at 1; the report and the headline can be made', async () => {
			const { parallel: _, ...alone } = options;
			const inputs = quickInputs(system);
			const first = await runToText(system, inputs, 1, options);
			const again = await runToText(system, inputs, 1, alone);
			expect(again.text).toBe(first.text);
			expect(first.progress.at(-1)).toBe(1);
			for (const [index, fraction] of first.progress.entries()) {
				expect(fraction).toBeGreaterThanOrEqual(first.progress[index - 1] ?? 0);
				expect(fraction).toBeLessThanOrEqual(1);
			}
			expect(system.report(first.outputs, inputs).length).toBeGreaterThan(0);
			expect(system.headline(first.outputs, inputs)).toMatch(/^[^\n]+$/);
		});

		test.for([0, 0.4])('a stop at fraction %s is honoured within 200 ms of computation', async (fraction) => {
			const controller = new AbortController();
			const reason = new Error('stopped by the test');
			let stoppedAt = process.threadCpuUsage();
			const context = createContext({
				...options,
				signal: controller.signal,
				onProgress: (reached) => {
					if (reached < fraction || reached >= 1 || controller.signal.aborted) return;
					stoppedAt = process.threadCpuUsage();
					controller.abort(reason);
				},
			});
			const run = system.run(quickInputs(system), context);
			await expect(run).rejects.toBe(reason);
			// The thread's own time, so that a busy machine does not fail the test.
			const used = process.threadCpuUsage(stoppedAt);
			expect((used.user + used.system) / 1000).toBeLessThan(200);
		});

		test('the report never throws on any valid output', () => {
			const inputs = parseInputs(system, system.examples[0].inputs);
			fc.assert(
				fc.property(arbitraryOutput(system.outputs), (outputs) => {
					for (const panel of system.report(outputs, inputs)) JSON.stringify(panel);
					system.headline(outputs, inputs);
				}),
				{ numRuns: 60, seed: 7, endOnFailure: true },
			);
		});

		test('advice has a reason or inputs for any subject, reads any valid output, and is calibrated', () => {
			const { advise, calibration } = system;
			if (advise === undefined) return;
			expect(calibration, 'a system that advises says how far it can be trusted').toBeDefined();
			for (const goal of ['serve', 'train', 'fine-tune', 'edge', 'design-chip'] as const) {
				const subjects = [
					{ goal },
					{ goal, model: 'gpt2' },
					{ goal, machine: '8xh100' },
					{ goal, model: 'no-such-model', machine: 'no-such-machine' },
					{ goal, model: 'llama-3-70b', machine: '16xh100' },
					{ goal, model: 'bert-base', machine: 'rtx-4090' },
					{ goal, model: 'mixtral-8x7b', machine: 'epyc-9654', budget: { dollarsPerHour: 1 } },
				];
				for (const subject of subjects) {
					const found = advise.applies(subject);
					if ('reason' in found) expect(found.reason.length, JSON.stringify(subject)).toBeGreaterThan(5);
					else parseInputs(system, found.inputs);
				}
			}
			fc.assert(
				fc.property(arbitraryOutput(system.outputs), (outputs) => {
					const assessed = advise.assess(outputs);
					expect('reason' in assessed ? assessed.reason : assessed.against).toMatch(/\S/);
				}),
				{ numRuns: 60, seed: 7, endOnFailure: true },
			);
		});

		test('claims are complete, and tolerances have reasons', () => {
			expect(new Set(system.claims.map((claim) => claim.id)).size).toBe(system.claims.length);
			for (const claim of system.claims) {
				expect(claim.says.length * claim.published.where.length * claim.published.unit.length).toBeGreaterThan(0);
				if (claim.evidence === 'quoted') continue;
				expect(claim.tolerance.because.length).toBeGreaterThan(10);
				if ('relative' in claim.tolerance) expect(claim.tolerance.relative).toBeGreaterThan(0);
				if ('absolute' in claim.tolerance) expect(claim.tolerance.absolute).toBeGreaterThan(0);
			}
		});
	});
}

function asRecord(value: unknown): Record<string, unknown> {
	return typeof value === 'object' && value !== null ? { ...value } : {};
}
