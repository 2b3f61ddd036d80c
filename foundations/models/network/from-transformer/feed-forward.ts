/** Feed-forward layers, dense and of experts. */
import type { NetworkBuilder } from '../builder.ts';
import type { Tensor } from '../network.ts';
import type { BlockContext } from './block-context.ts';

/** Two matrices around an activation, or three where one gates another. */
export function feedForward({ b, model }: BlockContext, name: string, input: Tensor): Tensor {
	const { kind, width, bias } = model.feedForward;
	return dense(b, name, input, { gated: kind === 'gated', width, bias, hidden: model.hidden });
}

interface DenseOptions {
	readonly gated: boolean;
	readonly width: number;
	readonly bias: boolean;
	readonly hidden: number;
}

function dense(b: NetworkBuilder, name: string, input: Tensor, { gated, width, bias, hidden }: DenseOptions): Tensor {
	const up = b.linear(`${name}.up`, input, width, { bias });
	const inner = gated
		? b.elementwise(`${name}.gated`, 'Mul', [
				up,
				b.elementwise(`${name}.activation`, 'Swish', [b.linear(`${name}.gate`, input, width, { bias })]),
			])
		: b.elementwise(`${name}.activation`, 'Gelu', [up]);
	return b.linear(`${name}.down`, inner, hidden, { bias });
}

/**
 * Every token goes to `activePerToken` experts, evenly: of p = tokens · active visits among n experts, p mod n experts get ⌈p/n⌉ tokens and the
 * others ⌊p/n⌋. Experts with as many tokens are the batch of one product; those without any are not read.
 */
export function expertFeedForward({ b, model, batch, tokens }: BlockContext, name: string, input: Tensor): Tensor {
	const { experts, hidden } = model;
	if (experts === null) return input;
	const gates = b.linear(`${name}.router`, input, experts.count, { bias: experts.routerBias });
	const chosen = b.softmax(`${name}.router.softmax`, gates);
	const visits = batch * tokens * experts.activePerToken;
	const more = visits % experts.count;
	const fewest = Math.floor(visits / experts.count);
	const groups = [
		{ part: 'a', count: more, rows: fewest + 1 },
		{ part: 'b', count: experts.count - more, rows: fewest },
	].filter(({ count, rows }) => count > 0 && rows > 0);
	const results = groups.map(({ part, count, rows }) => {
		const sent = b.move(`${name}.${part}.sent`, 'Gather', [input, chosen], [count, rows, hidden]);
		return expertGroup(b, `${name}.${part}`, sent, {
			gated: model.feedForward.kind === 'gated',
			width: experts.width,
			bias: model.feedForward.bias,
			hidden,
		});
	});
	let output = b.elementwise(`${name}.sum`, 'Add', [input, chosen, ...results]);
	if (experts.shared !== null) {
		const options = {
			gated: model.feedForward.kind === 'gated',
			bias: model.feedForward.bias,
			hidden,
			width: experts.shared.width,
		};
		for (let i = 0; i < experts.shared.count; i++) {
			const part = `${name}.shared${i}`;
			output = b.elementwise(`${part}.add`, 'Add', [output, dense(b, part, input, options)]);
		}
		if (experts.shared.gated)
			output = b.elementwise(`${name}.shared.scaled`, 'Mul', [
				output,
				b.linear(`${name}.shared.gate`, input, 1, { bias: false }),
			]);
	}
	return output;
}

/** The same feed-forward for each of a group's experts, with weights of its own. */
function expertGroup(b: NetworkBuilder, name: string, input: Tensor, { gated, width, bias, hidden }: DenseOptions): Tensor {
	const [count = 1, rows = 1] = input.shape;
	const multiplied = (part: string, x: Tensor, k: number, n: number): Tensor => {
		const weights = [b.weight(`${name}.${part}.weight`, [count, k, n])];
		if (bias) weights.push(b.weight(`${name}.${part}.bias`, [count, n]));
		const operation = { kind: 'matrix-product', batch: count, m: rows, n, k, secondOperand: 'weight', mask: null } as const;
		return b.add(`${name}.${part}`, 'MatMul', operation, [x], weights, [count, rows, n]);
	};
	const up = multiplied('up', input, hidden, width);
	const inner = gated
		? b.elementwise(`${name}.gated`, 'Mul', [
				up,
				b.elementwise(`${name}.activation`, 'Swish', [multiplied('gate', input, hidden, width)]),
			])
		: b.elementwise(`${name}.activation`, 'Gelu', [up]);
	return multiplied('down', inner, width, hidden);
}
