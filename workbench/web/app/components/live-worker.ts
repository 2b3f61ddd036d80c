/** Runs systems in the browser, off the thread that the page lives on. A newer order ends the one at work. */

import systems from 'virtual:anywhere-systems';
import { createContext, DataUnavailableError, describeFields, memoryFile, parseInputs } from '@assay/contract';
import { setAt } from '@assay/runs/input-path';
import { settingValue } from '@assay/runs/setting-value';
import type { LiveAnswer, LiveOrder } from './live-protocol.ts';

let atWork = new AbortController();
const sources = new Map<string, Promise<Uint8Array | null>>();

self.onmessage = async ({ data: order }: MessageEvent<LiveOrder>) => {
	atWork.abort();
	atWork = new AbortController();
	const { signal } = atWork;
	const started = performance.now();
	try {
		const answer = await run(order, signal, started);
		if (!signal.aborted) self.postMessage(answer);
	} catch (error) {
		if (signal.aborted) return;
		const message = error instanceof Error ? error.message : String(error);
		self.postMessage({ order: order.order, kind: 'failed', message } satisfies LiveAnswer);
	}
};

async function run(order: LiveOrder, signal: AbortSignal, started: number): Promise<LiveAnswer> {
	const load = systems[order.slug];
	if (load === undefined) throw new RangeError(`${order.slug} does not run in a browser`);
	const system = (await load()).default;
	const fields = new Map(describeFields(system.inputs).map((field) => [field.path.join('.'), field]));
	let raw: unknown = system.examples.find((example) => example.name === order.example)?.inputs ?? system.examples[0].inputs;
	for (const [path, text] of Object.entries(order.settings)) raw = setAt(raw, path, settingValue(text, fields.get(path)));
	const inputs = parseInputs(system, raw);
	const notes: string[] = [];
	const context = createContext({ signal, onLog: (_, message) => notes.push(message), open });
	const outputs = system.outputs.parse(await system.run(inputs, context));
	return {
		order: order.order,
		kind: 'done',
		headline: system.headline(outputs, inputs),
		// No files are kept here, so panels that show one are left out.
		panels: system.report(outputs, inputs).filter((panel) => panel.kind !== 'file' && panel.kind !== 'image'),
		seconds: (performance.now() - started) / 1000,
		notes,
	};
}

/** A source's data, asked from the server once; where it has none, the system is told so and uses what it has for that case. */
async function open(reference: string) {
	if (!sources.has(reference)) sources.set(reference, fetchSource(reference));
	const bytes = await sources.get(reference);
	if (bytes === null || bytes === undefined) throw new DataUnavailableError(`${reference} is not to be had in this browser`);
	return memoryFile(reference, bytes);
}

async function fetchSource(name: string): Promise<Uint8Array | null> {
	const response = await fetch(`/api/v1/data/${encodeURIComponent(name)}`).catch(() => null);
	return response?.ok === true ? new Uint8Array(await response.arrayBuffer()) : null;
}
