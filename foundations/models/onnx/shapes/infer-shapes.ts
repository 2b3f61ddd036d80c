/**
 * Shapes of every tensor of a graph, forward from its inputs. What an operator gives out follows from its rule in the registry; small
 * integer tensors are computed along (a shape is often the result of Shape, Gather, Concat, ...). Branches are taken where the condition is
 * known, loops are unrolled where the number of trips is, and calls of the file's own functions are replaced by their bodies, so what
 * comes out is one flat list of operators.
 */
import { InputError, type Path } from '@assay/contract';
import type { GraphMessage, OnnxGraph, OnnxNode } from '../graph.ts';
import { isConstant, stored, storedMessage, weightOf } from './constant-tensors.ts';
import { bindInputs, type GivenDimensions } from './dimensions.ts';
import { type FunctionLibrary, functionLibrary } from './functions.ts';
import { elementCount, type InferredTensor } from './inferred-tensor.ts';
import { Operator, operatorLabel, shapeText } from './operator.ts';
import { type OperatorKind, registeredOperator } from './registry.ts';

/** Operators that loops and calls may add to those of the file. */
const MAX_UNROLLED = 100_000;
const MAX_DEPTH = 50;
const MAX_RANK = 64;
const OLDEST_OPSET = 7;

/** One operator as it will run. */
export interface InferredOperator {
	/** Unique; within a loop, a branch or a call it stands under that one's name. */
	readonly name: string;
	readonly kind: OperatorKind;
	/** Inputs and attributes. */
	readonly operator: Operator;
	/** By position; null where the node leaves an output out. */
	readonly outputs: readonly (InferredTensor | null)[];
}

export interface InferredGraph {
	readonly operators: readonly InferredOperator[];
	readonly inputs: readonly InferredTensor[];
	readonly outputs: readonly InferredTensor[];
	/** Tensors of the outermost graph by name. */
	readonly tensors: ReadonlyMap<string, InferredTensor>;
}

/**
 * Infers every shape. Raises an `InputError` under `place` that names the operator, its node and what is missing: sizes that are not given,
 * shapes that do not fit, an operator that is not covered, a shape that only a run would tell.
 */
export function inferShapes(graph: OnnxGraph, dimensions: GivenDimensions = {}, place: Path = ['graph']): InferredGraph {
	return new Inference(graph, place).run(dimensions);
}

/** Names as one graph sees them: its own tensors, then those around it. */
class Scope {
	readonly tensors = new Map<string, InferredTensor>();
	private readonly around: Scope | null;

	constructor(around: Scope | null) {
		this.around = around;
	}

	find(name: string): InferredTensor | undefined {
		return this.tensors.get(name) ?? this.around?.find(name);
	}
}

class Inference {
	private readonly operators: InferredOperator[] = [];
	private readonly names = new Map<string, number>();
	private readonly graph: OnnxGraph;
	private readonly place: Path;
	private readonly functions: FunctionLibrary;
	private given: GivenDimensions = {};
	private steps = 0;
	private readonly mostSteps: number;

	constructor(graph: OnnxGraph, place: Path) {
		this.graph = graph;
		this.place = place;
		this.mostSteps = graph.nodes.length + MAX_UNROLLED;
		this.functions = functionLibrary(graph, place);
	}

	run(dimensions: GivenDimensions): InferredGraph {
		const version = this.graph.opsets.get('') ?? OLDEST_OPSET;
		if (version < OLDEST_OPSET)
			throw new InputError({
				path: this.place,
				found: `operator set ${version}`,
				expected: `operator set ${OLDEST_OPSET} or later`,
			});
		const scope = new Scope(null);
		this.given = dimensions;
		const inputs = bindInputs(this.graph, dimensions, this.place).map(({ input, shape, value }): InferredTensor => {
			this.checkShape(shape, input.name);
			const values = value === null ? null : Float64Array.of(value);
			return { name: input.name, elementType: input.elementType, shape, values, constant: false, weight: null };
		});
		for (const tensor of inputs) scope.tensors.set(tensor.name, tensor);
		for (const weight of this.graph.initializers.values()) scope.tensors.set(weight.name, stored(weight));
		this.runNodes(this.graph.nodes, scope, '', this.graph.opsets, 0);
		const outputs = this.graph.outputs.map(({ name }) => scope.find(name) ?? this.missing(name, 'output'));
		return { operators: this.operators, inputs, outputs, tensors: scope.tensors };
	}

	private runNodes(
		nodes: readonly OnnxNode[],
		scope: Scope,
		prefix: string,
		opsets: ReadonlyMap<string, number>,
		depth: number,
	): void {
		if (depth > MAX_DEPTH)
			throw new InputError({ path: this.place, found: 'bodies within bodies', expected: `at most ${MAX_DEPTH} deep` });
		for (const node of nodes) {
			if (++this.steps > this.mostSteps)
				throw new InputError({
					path: this.place,
					found: 'loops that unroll without end',
					expected: `at most ${this.mostSteps} operators`,
				});
			const inputs = node.input.map((name) =>
				name === '' ? null : (scope.find(name) ?? this.missing(name, operatorLabel(node))),
			);
			const operator = new Operator(
				node,
				opsets.get(node.domain === 'ai.onnx' ? '' : node.domain) ?? 1,
				inputs,
				this.place,
				this.given,
			);
			const called = this.functions.find(node);
			let outputs: readonly (InferredTensor | null)[];
			if (called !== undefined) outputs = this.call(called, operator, prefix, depth);
			else if (node.opType === 'If' && isOnnx(node)) outputs = this.branch(operator, scope, prefix, opsets, depth);
			else if (node.opType === 'Loop' && isOnnx(node)) outputs = this.loop(operator, scope, prefix, opsets, depth);
			else outputs = this.apply(operator, prefix);
			for (const [index, name] of node.output.entries()) {
				const tensor = outputs[index];
				if (name !== '' && tensor) scope.tensors.set(name, tensor);
			}
		}
	}

	private apply(operator: Operator, prefix: string): readonly (InferredTensor | null)[] {
		const { node } = operator;
		const found = registeredOperator(node.domain, node.opType);
		if (found === undefined || found.rule === null)
			throw operator.fail(
				'an operator that is not covered',
				'one whose shapes can be inferred (the list is in the README of @assay/models)',
			);
		const results = found.rule(operator);
		const name = this.unique(prefix + (node.name === '' ? `${node.opType} ${node.output[0] ?? ''}` : node.name));
		const constant = isConstant(operator, found.kind, results);
		const outputs = node.output.map((output, index): InferredTensor | null => {
			if (output === '') return null;
			const result = results[index];
			if (result === undefined) throw operator.fail(`an output ${index}`, `at most ${results.length} outputs`);
			this.checkShape(result.shape, operatorLabel(node));
			const whole = prefix + output;
			const values = result.values ?? this.givenValue(whole, result.shape);
			return { ...result, values, name: whole, constant, weight: constant ? weightOf(operator, result, whole) : null };
		});
		this.operators.push({ name, kind: found.kind, operator, outputs });
		return outputs;
	}

	/** What the user says of a single number that only a run would tell. */
	private givenValue(name: string, shape: readonly number[]): Float64Array | null {
		const value = Object.hasOwn(this.given, name) ? this.given[name] : undefined;
		return typeof value === 'number' && elementCount(shape) === 1 ? Float64Array.of(value) : null;
	}

	/** A function of the file itself. */
	private call(called: NonNullable<ReturnType<FunctionLibrary['find']>>, operator: Operator, prefix: string, depth: number) {
		const inside = new Scope(null);
		for (const [index, name] of called.inputs.entries()) {
			const tensor = operator.optional(index);
			if (tensor !== null) inside.tensors.set(name, tensor);
		}
		const nodes = called.body(operator.node).map((node) => ({
			...node,
			input: node.input.map((name) => (called.inputs.includes(name) && !inside.tensors.has(name) ? '' : name)),
		}));
		const under = `${this.unique(`${prefix}${operatorName(operator)}`)}/`;
		this.runNodes(nodes, inside, under, called.opsets, depth + 1);
		return called.outputs.map((name) => inside.find(name) ?? null);
	}

	private branch(operator: Operator, scope: Scope, prefix: string, opsets: ReadonlyMap<string, number>, depth: number) {
		const chosen = operator.known(0, 'the condition of the branch')[0] !== 0 ? 'then_branch' : 'else_branch';
		const under = `${this.unique(`${prefix}${operatorName(operator)}`)}/`;
		return this.body(operator.graph(chosen), [], scope, under, opsets, depth, operator);
	}

	/** Inputs: the number of trips, whether to start, what is carried. Outputs: what is carried, then what each trip leaves, stacked. */
	private loop(operator: Operator, scope: Scope, prefix: string, opsets: ReadonlyMap<string, number>, depth: number) {
		const body = operator.graph('body');
		const trips = operator.optional(0) === null ? Number.POSITIVE_INFINITY : (operator.known(0, 'the number of trips')[0] ?? 0);
		let goesOn: readonly number[] | null = operator.optional(1) === null ? [1] : operator.known(1, 'the condition of the loop');
		let carried: readonly InferredTensor[] = operator.inputs.slice(2).map((_, index) => operator.input(index + 2));
		const left: InferredTensor[][] = [];
		const under = this.unique(`${prefix}${operatorName(operator)}`);
		let trip = 0;
		for (; trip < trips; trip++) {
			if (goesOn === null) throw operator.fail('a condition that only a run would tell', 'a known number of trips');
			if (goesOn[0] === 0) break;
			if (++this.steps > this.mostSteps) throw operator.fail('a loop without end', `at most ${this.mostSteps} operators`);
			const counter = known(`${under}/${trip}/trip`, 'int64', trip);
			const condition = known(`${under}/${trip}/condition`, 'bool', 1);
			const results = this.body(body, [counter, condition, ...carried], scope, `${under}/${trip}/`, opsets, depth, operator);
			goesOn = results[0]?.values ? Array.from(results[0].values) : null;
			carried = results.slice(1, 1 + carried.length);
			left.push(results.slice(1 + carried.length));
		}
		const last = left[0];
		if (last === undefined && body.output.length > 1 + carried.length)
			throw operator.fail('a loop of no trips', 'shapes of what it leaves');
		const stacked = (last ?? []).map((first, index): InferredTensor => {
			for (const one of left) {
				if (one[index]?.shape.join() !== first.shape.join())
					throw operator.fail(
						`shapes ${shapeText(first.shape)} and ${shapeText(one[index]?.shape ?? [])} from one loop`,
						'one shape',
					);
			}
			const shape = [trip, ...first.shape];
			this.checkShape(shape, operatorLabel(operator.node));
			return { ...first, name: `${under}/stacked ${index}`, shape, values: null, constant: false, weight: null };
		});
		return [...carried, ...stacked];
	}

	private body(
		graph: GraphMessage,
		inputs: readonly InferredTensor[],
		around: Scope,
		prefix: string,
		opsets: ReadonlyMap<string, number>,
		depth: number,
		operator: Operator,
	): readonly InferredTensor[] {
		const scope = new Scope(around);
		if (graph.input.length !== inputs.length)
			throw operator.fail(`a body of ${graph.input.length} inputs`, `${inputs.length} inputs`);
		for (const [index, { name }] of graph.input.entries()) scope.tensors.set(name, inputs[index] as InferredTensor);
		for (const tensor of graph.initializer)
			scope.tensors.set(tensor.name ?? '', storedMessage(tensor, `${prefix}${tensor.name ?? ''}`));
		this.runNodes(graph.node, scope, prefix, opsets, depth + 1);
		const where = operatorLabel(operator.node);
		return graph.output.map((output): InferredTensor => scope.find(output.name) ?? this.missing(output.name, where));
	}

	private missing(name: string, where: string): never {
		throw new InputError({
			path: [...this.place, where],
			found: `the tensor ${JSON.stringify(name)}`,
			expected: 'one that was written before',
		});
	}

	private checkShape(shape: readonly number[], where: string): void {
		const right = shape.length <= MAX_RANK && shape.every((size) => Number.isInteger(size) && size >= 0);
		if (!right || !Number.isSafeInteger(elementCount(shape))) {
			const found = shape.length > MAX_RANK ? `${shape.length} dimensions` : `the shape ${shapeText(shape)}`;
			throw new InputError({ path: [...this.place, where], found, expected: 'whole dimensions and less than 2^53 elements' });
		}
	}

	private unique(name: string): string {
		const before = this.names.get(name) ?? 0;
		this.names.set(name, before + 1);
		return before === 0 ? name : this.unique(`${name}#${before + 1}`);
	}
}

function isOnnx(node: OnnxNode): boolean {
	return node.domain === '' || node.domain === 'ai.onnx';
}

function operatorName({ node }: Operator): string {
	return node.name === '' ? `${node.opType} ${node.output[0] ?? ''}` : node.name;
}

function known(name: string, elementType: 'int64' | 'bool', value: number): InferredTensor {
	return { name, elementType, shape: [], values: Float64Array.of(value), constant: true, weight: null };
}
