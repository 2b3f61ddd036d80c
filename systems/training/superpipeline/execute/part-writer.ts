/** Writes the files of a cut model part by part: weights in one piece for each unit, and graphs that are shared where signatures are equal. */
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ModelMessage, type OnnxElementType, type OnnxInitializer, type OnnxValue, tensorsRead } from '@assay/models/onnx';
import * as ort from 'onnxruntime-node';
import type { CutGraph } from '../cut/cut-graph.ts';
import { STREAMED_BYTES } from '../cut/liveness.ts';
import { isStructural } from '../cut/signature.ts';
import { FILES } from './files.ts';
import type { Place, PreparedPart } from './prepared-model.ts';
import { bytesOf, feedable, sessionOptions } from './tensors.ts';
import { innerWeight, partFile, placedWeight, weightInput } from './unit-graphs.ts';
import { type WeightReader, WeightWriter } from './weight-files.ts';

type CutPart = CutGraph['parts'][number];

/** A session that several parts can share, and what its first part calls things. */
interface SharedSession {
	readonly file: string;
	readonly names: readonly string[];
	/** Small weights that are part of the graph. */
	readonly inner: ReadonlySet<string>;
}

export class PartWriter {
	private readonly folder: string;
	private readonly cut: CutGraph;
	private readonly reader: WeightReader;
	private weights: WeightWriter | undefined;
	private shared: WeightWriter | undefined;
	private readonly sharedPlaces = new Map<string, number>();
	private readonly places = new Map<string, { location: string; offset: number }>();
	private readonly sessions = new Map<string, SharedSession>();
	/** Digests of small weights, and which signatures have parts whose small weights differ, by place. */
	private readonly varying = new Map<string, ReadonlySet<number>>();
	private units = 0;

	constructor(folder: string, cut: CutGraph, reader: WeightReader) {
		this.folder = folder;
		this.cut = cut;
		this.reader = reader;
	}

	get sharedBytes(): number {
		return this.shared?.bytes ?? 0;
	}

	async open(): Promise<void> {
		this.weights = await WeightWriter.create(join(this.folder, FILES.weights));
		this.shared = await WeightWriter.create(join(this.folder, FILES.shared));
		await this.findVarying();
	}

	async close(): Promise<void> {
		await this.weights?.close();
		await this.shared?.close();
	}

	/** Writes a part's weights and graphs, and runs it: its results take their places among the tensors. */
	async write(part: CutPart, tensors: Map<string, ort.Tensor>): Promise<PreparedPart> {
		const names = namesOf(part);
		const isUnit = part.streamed && part.weightBytes > 0;
		const fileOffset = this.weights?.align() ?? 0;
		const ownPlaces = new Map<string, number>();
		if (isUnit) for (const weight of part.weights) ownPlaces.set(weight.name, await this.place(weight));
		const session = await this.sessionOf(part, names, tensors);
		const nameThere = (name: string): string => session.names[names.indexOf(name)] as string;
		const placeOf = (weight: OnnxInitializer, offset: number): Place => ({
			name: nameThere(weight.name),
			type: weight.elementType,
			dims: [...weight.dims],
			offset,
			bytes: weight.bytes,
		});
		const fed = part.constants.filter(({ name }) => !session.inner.has(nameThere(name)));
		const staying = [...(isUnit ? [] : part.weights), ...part.tied, ...fed];
		const shared: Place[] = [];
		for (const weight of staying) shared.push(placeOf(weight, await this.placeShared(weight)));
		const ownSession = `part-${this.partCount++}.onnx`;
		await this.writeOwn(part, ownSession, tensors);
		await this.run(ownSession, part, tensors);
		return {
			unit: isUnit ? this.units++ : null,
			operators: part.nodes.length,
			session: session.file,
			ownSession,
			inputs: part.inputs.map((tensor) => ({ name: nameThere(tensor), tensor })),
			outputs: part.outputs.map((tensor) => ({ name: nameThere(tensor), tensor })),
			streamed: isUnit ? part.weights.map((weight) => placeOf(weight, (ownPlaces.get(weight.name) as number) - fileOffset)) : [],
			shared,
			fileOffset,
			bytes: isUnit ? (this.weights?.bytes ?? 0) - fileOffset : 0,
			outputBytes: part.outputs.reduce((sum, name) => sum + bytesOf(tensors.get(name) as ort.Tensor).byteLength, 0),
		};
	}

	/** The whole model over the same weight files. */
	async writeResident(inputs: readonly Place[]): Promise<void> {
		const { graph, parts } = this.cut;
		const used = new Set(parts.flatMap(({ weights, tied, constants }) => [...weights, ...tied, ...constants]));
		const values = inputs.map(({ name, type, dims }) => ({ name, elementType: type as OnnxElementType, dims }));
		const outputs = graph.outputs.map(({ name }) => name);
		await writeFile(
			join(this.folder, FILES.resident),
			partFile(graph, graph.nodes, values, outputs, await this.withBytes([...used])),
		);
	}

	private partCount = 0;

	private async place(weight: OnnxInitializer): Promise<number> {
		const offset = await (this.weights as WeightWriter).add(this.reader.pieces(weight));
		this.places.set(weight.name, { location: FILES.weights, offset });
		return offset;
	}

	private async placeShared(weight: OnnxInitializer): Promise<number> {
		const known = this.sharedPlaces.get(weight.name);
		if (known !== undefined) return known;
		const offset = await (this.shared as WeightWriter).add(this.reader.pieces(weight));
		this.sharedPlaces.set(weight.name, offset);
		if (weight.bytes >= STREAMED_BYTES) this.places.set(weight.name, { location: FILES.shared, offset });
		return offset;
	}

	/** The graph that a part shares with its likes. */
	private async sessionOf(
		part: CutPart,
		names: readonly string[],
		tensors: ReadonlyMap<string, ort.Tensor>,
	): Promise<SharedSession> {
		const activations = part.inputs.map((name) => valueOfTensor(name, tensors));
		const key = JSON.stringify([part.signature, activations.map(({ elementType, dims }) => [elementType, dims])]);
		const known = this.sessions.get(key);
		if (known !== undefined) return known;
		const varying = this.varying.get(part.signature) ?? new Set();
		const inner = part.constants.filter((weight) => isStructural(weight) || !varying.has(names.indexOf(weight.name)));
		const fed = part.constants.filter((weight) => !inner.includes(weight));
		const inputs = [...activations, ...[...part.weights, ...part.tied, ...fed].map(weightInput)];
		const file = `session-${this.sessions.size}.onnx`;
		const content = partFile(this.cut.graph, part.nodes, inputs, part.outputs, await this.withBytes(inner));
		await writeFile(join(this.folder, file), content);
		const session = { file, names, inner: new Set(inner.map(({ name }) => name)) };
		this.sessions.set(key, session);
		return session;
	}

	private async writeOwn(part: CutPart, file: string, tensors: ReadonlyMap<string, ort.Tensor>): Promise<void> {
		const inputs = part.inputs.map((name) => valueOfTensor(name, tensors));
		const weights = await this.withBytes([...part.weights, ...part.tied, ...part.constants]);
		await writeFile(join(this.folder, file), partFile(this.cut.graph, part.nodes, inputs, part.outputs, weights));
	}

	private async run(file: string, part: CutPart, tensors: Map<string, ort.Tensor>): Promise<void> {
		const session = await ort.InferenceSession.create(join(this.folder, file), sessionOptions('streamed'));
		const feeds = Object.fromEntries(part.inputs.map((name) => [name, tensors.get(name) as ort.Tensor]));
		const results = await session.run(feeds);
		for (const name of part.outputs) tensors.set(name, feedable(results[name] as ort.Tensor));
		await session.release();
	}

	/** Large weights by their place, small ones with their bytes. */
	private async withBytes(weights: readonly OnnxInitializer[]): Promise<ModelMessage['graph']['initializer']> {
		const messages = [];
		for (const weight of weights)
			messages.push(
				this.places.has(weight.name) ? placedWeight(weight, this.places) : innerWeight(weight, await this.reader.all(weight)),
			);
		return messages;
	}

	/** Small weights stay in the graph unless parts of one signature differ in them, for then the graph could not be shared. */
	private async findVarying(): Promise<void> {
		const seen = new Map<string, Map<number, string>>();
		for (const part of this.cut.parts) {
			const names = namesOf(part);
			const first = seen.get(part.signature) ?? new Map<number, string>();
			const varying = new Set(this.varying.get(part.signature));
			for (const weight of part.constants) {
				const place = names.indexOf(weight.name);
				const digest = createHash('sha256')
					.update(await this.reader.all(weight))
					.digest('hex');
				if (first.has(place) && first.get(place) !== digest) varying.add(place);
				first.set(place, digest);
			}
			seen.set(part.signature, first);
			this.varying.set(part.signature, varying);
		}
	}
}

/** Tensors of a part in the order of first use; equal signatures mean that equal places stand for each other. */
function namesOf({ nodes }: CutPart): string[] {
	return [...new Set(nodes.flatMap((node) => [...node.input, ...node.output, ...tensorsRead(node)]))].filter(
		(name) => name !== '',
	);
}

function valueOfTensor(name: string, tensors: ReadonlyMap<string, ort.Tensor>): OnnxValue {
	const tensor = tensors.get(name);
	if (tensor === undefined) throw new RangeError(`the tensor ${name} is not there`);
	return { name, elementType: tensor.type as OnnxElementType, dims: tensor.dims };
}
