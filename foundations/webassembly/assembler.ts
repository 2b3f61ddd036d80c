/**
 * A small assembler for numeric kernels over binaryen's expression trees.
 *
 * Binaryen takes every expression node once, so values that are used twice live in locals: `let` evaluates into a new local and
 * returns a `Variable` whose `get()` makes a new read each time. Statements are emitted in order into the current block.
 * `elements` visits a row with `Lanes` (see `lanes.ts`): four floats at a time, then the one to three left over.
 */
import type binaryen from 'binaryen';
import { type Lanes, scalarLanes, vectorLanes } from './lanes.ts';

export type Binaryen = typeof binaryen;
export type Expression = binaryen.ExpressionRef;
export type WasmModule = binaryen.Module;
export type ValueType = 'i32' | 'f32' | 'f64' | 'v128';

/** A local of the function being written. */
export interface Variable {
	get(): Expression;
	/** Emits the assignment. */
	set(value: Expression): void;
}

/** Writes functions into one module. */
export class Assembler {
	readonly module: WasmModule;
	private readonly binaryen: Binaryen;

	constructor(library: Binaryen, module: WasmModule) {
		this.binaryen = library;
		this.module = module;
	}

	/** Adds and exports a function of the named parameters. */
	define<const Types extends readonly ValueType[]>(
		name: string,
		parameters: Types,
		body: (code: Code, ...parameters: { [Index in keyof Types]: Variable }) => Expression | undefined,
		result?: ValueType,
	): void {
		const { binaryen: library, module } = this;
		const code = new Code(
			module,
			(type) => library[type],
			parameters.map((type) => library[type]),
		);
		const variables = parameters.map((type, index) => code.variable(index, library[type]));
		// A list as long as the parameters, which map cannot tell the compiler.
		const value = body(code, ...(variables as { [Index in keyof Types]: Variable }));
		const statements = code.statements();
		if (value !== undefined) statements.push(value);
		const resultType = result === undefined ? library.none : library[result];
		module.addFunction(
			name,
			library.createType(parameters.map((type) => library[type])),
			resultType,
			code.locals,
			module.block(null, statements, resultType),
		);
		module.addFunctionExport(name, name);
	}
}

/** The body of a function while it is being written. */
export class Code {
	readonly module: WasmModule;
	/** Types of the locals beyond the parameters. */
	readonly locals: binaryen.Type[] = [];
	private readonly typeOf: (type: ValueType) => binaryen.Type;
	private readonly parameters: number;
	private block: Expression[] = [];
	private labels = 0;

	constructor(module: WasmModule, typeOf: (type: ValueType) => binaryen.Type, parameters: readonly binaryen.Type[]) {
		this.module = module;
		this.typeOf = typeOf;
		this.parameters = parameters.length;
	}

	statements(): Expression[] {
		return this.block;
	}

	emit(expression: Expression): void {
		this.block.push(expression);
	}

	variable(index: number, type: binaryen.Type): Variable {
		const { local } = this.module;
		return { get: () => local.get(index, type), set: (value) => this.emit(local.set(index, value)) };
	}

	/** A new local with a value. */
	let(type: ValueType, value: Expression): Variable {
		const made = this.declare(type);
		made.set(value);
		return made;
	}

	/** A new local; it holds whatever an earlier turn of a loop left there. */
	declare(type: ValueType): Variable {
		this.locals.push(this.typeOf(type));
		return this.variable(this.parameters + this.locals.length - 1, this.typeOf(type));
	}

	int(value: number): Expression {
		return this.module.i32.const(value);
	}

	/** Sum of addresses and counts. */
	sum(...terms: Expression[]): Expression {
		return terms.reduce((left, right) => this.module.i32.add(left, right));
	}

	product(left: Expression, right: Expression): Expression {
		return this.module.i32.mul(left, right);
	}

	/** An address or count times a power of two. */
	times(value: Expression, factor: 2 | 4 | 8 | 16): Expression {
		return this.module.i32.shl(value, this.int(Math.log2(factor)));
	}

	/** Emits a body into a block of its own and returns that block. */
	private inBlock(body: () => void): Expression {
		const outer = this.block;
		this.block = [];
		body();
		const inner = this.module.block(null, this.block);
		this.block = outer;
		return inner;
	}

	if(condition: Expression, then: () => void, otherwise?: () => void): void {
		const yes = this.inBlock(then);
		this.emit(this.module.if(condition, yes, otherwise === undefined ? undefined : this.inBlock(otherwise)));
	}

	/** Repeats a body while the condition, checked before each turn, holds. */
	while(condition: () => Expression, body: () => void): void {
		const label = `loop${this.labels++}`;
		const turn = this.inBlock(() => {
			body();
			this.emit(this.module.br(label, condition()));
		});
		this.emit(this.module.if(condition(), this.module.loop(label, turn)));
	}

	/** Counts a variable up in steps while below the end; the variable is the caller's and keeps its last value. */
	count(counter: Variable, end: () => Expression, step: number, body: () => void): void {
		this.while(
			() => this.module.i32.lt_s(counter.get(), end()),
			() => {
				body();
				counter.set(this.sum(counter.get(), this.int(step)));
			},
		);
	}

	/** Counts a new variable from 0 to below the end. */
	for(end: () => Expression, body: (counter: Variable) => void): void {
		const counter = this.let('i32', this.int(0));
		this.count(counter, end, 1, () => body(counter));
	}

	/**
	 * Visits `count` floats: four at a time, then one at a time. `body` is written once for each make of lanes and is given the
	 * byte offset of the element from the row's start.
	 */
	elements(count: () => Expression, body: (lanes: Lanes, offset: Variable) => void): void {
		const { i32 } = this.module;
		const offset = this.let('i32', this.int(0));
		const bulk = this.let('i32', this.times(i32.and(count(), this.int(-4)), 4));
		const end = this.let('i32', this.times(count(), 4));
		this.count(offset, bulk.get, 16, () => body(vectorLanes(this), offset));
		this.count(offset, end.get, 4, () => body(scalarLanes(this), offset));
	}
}

/** Adds the four lanes of a vector in a fixed order: (0 + 1) + (2 + 3). */
export function sumOfLanes(code: Code, vector: Variable): Expression {
	const { f32, f32x4 } = code.module;
	const lane = (index: number) => f32x4.extract_lane(vector.get(), index);
	return f32.add(f32.add(lane(0), lane(1)), f32.add(lane(2), lane(3)));
}

/**
 * Sum over a row of a value computed per element: four partial sums, the elements left over in a fifth, then
 * ((0 + 1) + (2 + 3)) + rest. The same order whatever the machine.
 */
export function rowSum(code: Code, count: () => Expression, value: (lanes: Lanes, offset: Variable) => Expression): Variable {
	const { f32, f32x4 } = code.module;
	const partial = code.let('v128', f32x4.splat(f32.const(0)));
	const rest = code.let('f32', f32.const(0));
	code.elements(count, (lanes, offset) => {
		const target = lanes.width === 4 ? partial : rest;
		target.set(lanes.add(target.get(), value(lanes, offset)));
	});
	return code.let('f32', f32.add(sumOfLanes(code, partial), rest.get()));
}
