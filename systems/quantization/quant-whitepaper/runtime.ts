/** onnxruntime, one thread: the reference that float models and exported files are run by. */
import { InputError } from '@assay/contract';
import * as ort from 'onnxruntime-node';

export interface Session {
	/** Outputs by name, of one input of float32. */
	run(input: Float32Array): Promise<ReadonlyMap<string, Float32Array>>;
	close(): Promise<void>;
}

/** A session of several inputs of float32. */
export interface FedSession extends Pick<Session, 'close'> {
	run(inputs: ReadonlyMap<string, Float32Array>): Promise<ReadonlyMap<string, Float32Array>>;
}

interface SessionInput {
	readonly name: string;
	readonly shape: readonly number[];
}

export interface SessionChoices {
	/** Operators as the file has them, none joined: for telling what the file says from what the runtime makes of it. */
	readonly asWritten?: boolean;
	/**
	 * On x86 processors without VNNI the runtime's fastest 8-bit kernel adds two products in 16 bits, which overflow; this asks for kernels that do
	 * not.
	 */
	readonly exactProducts?: boolean;
}

/** Opens a model of one input. Raises an InputError with the runtime's own words for a file that it does not take. */
export async function openSession(file: Uint8Array, input: SessionInput, choices: SessionChoices = {}): Promise<Session> {
	const { run, close } = await openFedSession(file, [input], choices);
	return { run: (values) => run(new Map([[input.name, values]])), close };
}

/** Opens a model of several inputs, likewise. */
export async function openFedSession(
	file: Uint8Array,
	inputs: readonly SessionInput[],
	{ asWritten = false, exactProducts = true }: SessionChoices = {},
): Promise<FedSession> {
	const session = await ort.InferenceSession.create(file, {
		intraOpNumThreads: 1,
		interOpNumThreads: 1,
		executionMode: 'sequential',
		logSeverityLevel: 4,
		graphOptimizationLevel: asWritten ? 'disabled' : 'all',
		extra: { session: { x64quantprecision: exactProducts ? '1' : '0' } },
	}).catch((error: unknown) => {
		throw new InputError({
			path: ['model'],
			found: `a graph that onnxruntime refuses (${String(error instanceof Error ? error.message : error).slice(0, 200)})`,
			expected: 'a graph of operators that onnxruntime has',
		});
	});
	return {
		async run(values) {
			const fed = inputs.map(({ name, shape }) => [name, new ort.Tensor('float32', values.get(name) as Float32Array, shape)]);
			const outputs = await session.run(Object.fromEntries(fed) as Record<string, ort.Tensor>);
			return new Map(Object.entries(outputs).map(([name, tensor]) => [name, floatsOf(tensor)]));
		},
		close: () => session.release(),
	};
}

function floatsOf({ data }: ort.Tensor): Float32Array {
	return data instanceof Float32Array ? data : Float32Array.from(data as ArrayLike<number>, Number);
}
