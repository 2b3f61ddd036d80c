/** What is quantised in a linear layer's three products, and how. */
import { type Quantizer, type QuantizerName, quantizer, type ScaleRounding } from '../quantizers/quantizer.ts';
import type { RotationKind } from '../quantizers/rotation.ts';

/** Operands of the backward products that are quantised: `both` is Q(E)Q(Wt)t and Q(Et)Q(Xt)t, `gradient` Q(E)W and Q(Et)X. */
export type BackwardOperands = 'both' | 'gradient';

export interface Scheme {
	readonly name: string;
	/** Of weights and activations in y = x Wt; null: exact. */
	readonly forward: { readonly quantizer: Quantizer; readonly hadamard: boolean } | null;
	/** Of the gradient, and of the other operand, in both backward products; null: exact, EW and EtX. */
	readonly backward: {
		readonly quantizer: Quantizer;
		readonly operands: BackwardOperands;
		readonly rotation: RotationKind;
	} | null;
}

export const schemeNames = [
	'float32',
	'quartet',
	'quartet-orthogonal',
	'quest-forward',
	'sr-backward',
	'rtn-backward',
	'gradient-only',
	'rtn-no-hadamard',
	'ocp-no-hadamard',
] as const;
export type SchemeName = (typeof schemeNames)[number];

export const schemeTitles: Readonly<Record<SchemeName, string>> = {
	float32: 'exact products',
	quartet: 'QuEST forward, SR AbsMax backward, signs drawn anew each step',
	'quartet-orthogonal': 'the same with random orthogonal matrices instead of signs',
	'quest-forward': 'QuEST forward, exact backward (EW, EtX)',
	'sr-backward': 'exact forward, SR AbsMax backward',
	'rtn-backward': 'QuEST forward, RTN AbsMax backward',
	'gradient-only': 'QuEST forward, SR AbsMax of the gradient alone (Q(E)W, Q(Et)X)',
	'rtn-no-hadamard': 'RTN AbsMax everywhere, no rotation',
	'ocp-no-hadamard': 'AbsMax as in OCP’s standard everywhere, no rotation',
};

/** The scheme of a name; `rounding` is that of QuEST's scales. */
export function scheme(name: SchemeName, rounding: ScaleRounding): Scheme {
	const forward = { quantizer: quantizer('quest', rounding), hadamard: true };
	const backward = (of: QuantizerName, operands: BackwardOperands = 'both', rotation: RotationKind = 'signs') =>
		({ quantizer: quantizer(of), operands, rotation }) as const;
	const plain = (of: QuantizerName): Scheme => ({
		name,
		forward: { quantizer: quantizer(of), hadamard: false },
		backward: backward(of, 'both', 'none'),
	});
	switch (name) {
		case 'float32':
			return { name, forward: null, backward: null };
		case 'quartet':
			return { name, forward, backward: backward('sr-absmax') };
		case 'quartet-orthogonal':
			return { name, forward, backward: backward('sr-absmax', 'both', 'orthogonal') };
		case 'quest-forward':
			return { name, forward, backward: null };
		case 'sr-backward':
			return { name, forward: null, backward: backward('sr-absmax') };
		case 'rtn-backward':
			return { name, forward, backward: backward('rtn-absmax') };
		case 'gradient-only':
			return { name, forward, backward: backward('sr-absmax', 'gradient') };
		case 'rtn-no-hadamard':
			return plain('rtn-absmax');
		case 'ocp-no-hadamard':
			return plain('ocp-absmax');
	}
}

/** Exact forward products, backward products quantised: what the backward quantiser alone does to gradients. */
export function backwardAlone(of: Quantizer): Scheme {
	return { name: of.name, forward: null, backward: { quantizer: of, operands: 'both', rotation: 'signs' } };
}
