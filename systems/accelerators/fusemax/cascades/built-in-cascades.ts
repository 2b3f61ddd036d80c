/**
 * Cascades by name: four ways to compute attention, mapped on the two arrays, and two ways to normalise. Ranks: e query and key
 * width, f value width, p queries, m keys; m0 and p0 run over a tile.
 */

const tiled = `split m = m1 * M0 + m0;
split p = p1 * P0 + p0;
input Q[e, p], K[e, m], V[f, m];
QK[m, p] = sum(e) Q[e, p] * K[e, m];
`;

const softmaxMap = `map QK on array2d space(m0, p0) time(m1, p1, e);
map AV on array2d space(f, p0) time(p1, m);
`;

const threePass = `${tiled}GM[p] = max(m) QK[m, p];
SN[m, p] = exp(QK[m, p] - GM[p]);
SD[p] = sum(m) SN[m, p];
A[m, p] = SN[m, p] / SD[p];
AV[f, p] = sum(m) A[m, p] * V[f, m];
${softmaxMap}map GM, SN, SD, A on array1d space(p0) time(p1, m);
`;

const twoPass = `${tiled}GM[p] = max(m) QK[m, p];
SN[m, p] = exp(QK[m, p] - GM[p]);
SD[p] = sum(m) SN[m, p];
SNV[f, p] = sum(m) SN[m, p] * V[f, m];
AV[f, p] = SNV[f, p] / SD[p];
map QK on array2d space(m0, p0) time(m1, p1, e);
map SNV on array2d space(f, p0) time(p1, m);
map GM, SN, SD on array1d space(p0) time(p1, m);
map AV on array1d space(p0) time(p1, f);
`;

const noMaximum = `${tiled}SN[m, p] = exp(QK[m, p]);
SD[p] = sum(m) SN[m, p];
SNV[f, p] = sum(m) SN[m, p] * V[f, m];
AV[f, p] = SNV[f, p] / SD[p];
map QK on array2d space(m0, p0) time(m1, p1, e);
map SNV on array2d space(f, p0) time(p1, m);
map SN, SD on array1d space(p0) time(p1, m);
map AV on array1d space(p0) time(p1, f);
`;

const onePass = `${tiled}LM[m1, p] = max(m0) QK[m, p];
RM[0, p] = -inf;
RM[m1+1, p] = max(RM[m1, p], LM[m1, p]);
SLN[m, p] = exp(QK[m, p] - RM[m1+1, p]);
SLD[m1, p] = sum(m0) SLN[m, p];
SLNV[m1, f, p] = sum(m0) SLN[m, p] * V[f, m];
PRM[m1, p] = exp(RM[m1, p] - RM[m1+1, p]);
RD[0, p] = 0;
SPD[m1, p] = RD[m1, p] * PRM[m1, p];
RD[m1+1, p] = SPD[m1, p] + SLD[m1, p];
RNV[0, f, p] = 0;
SPNV[m1, f, p] = RNV[m1, f, p] * PRM[m1, p];
RNV[m1+1, f, p] = SPNV[m1, f, p] + SLNV[m1, f, p];
AV[f, p] = RNV[M1, f, p] / RD[M1, p];
map QK on array2d space(m0, p0) time(m1, p1, e);
map LM, SLN, SLD on array2d space(m0, p0) time(m1, p1);
map SLNV on array2d space(m0, p0) time(m1, p1, f);
map RM, PRM, SPD, RD on array1d space(p0) time(m1, p1);
map SPNV, RNV on array1d space(p0) time(m1, p1, f);
map AV on array1d space(p0) time(p1, f);
`;

const layerNormTwoStep = `input X[m, p];
MU[p] = sum(m) X[m, p] / M;
C[m, p] = X[m, p] - MU[p];
VAR[p] = sum(m) C[m, p] * C[m, p] / M;
Y[m, p] = C[m, p] / sqrt(VAR[p] + 0.00001);
`;

const layerNormSums = `input X[m, p];
S[p] = sum(m) X[m, p];
SS[p] = sum(m) X[m, p] * X[m, p];
MU[p] = S[p] / M;
VAR[p] = SS[p] / M - MU[p] * MU[p];
Y[m, p] = (X[m, p] - MU[p]) / sqrt(VAR[p] + 0.00001);
`;

export const cascadeNames = [
	'one-pass',
	'two-pass',
	'three-pass',
	'no-maximum',
	'layer-norm-two-step',
	'layer-norm-sums',
] as const;
export type CascadeName = (typeof cascadeNames)[number];

export interface BuiltInCascade {
	readonly title: string;
	readonly text: string;
	/** Who computes it so. */
	readonly usedBy: string;
}

export const builtInCascades: Readonly<Record<CascadeName, BuiltInCascade>> = {
	'one-pass': {
		title: 'attention with running maximum, denominator and numerator',
		text: onePass,
		usedBy: 'FuseMax; Rabe and Staats; FlashAttention',
	},
	'two-pass': { title: 'attention, divided after the product with V', text: twoPass, usedBy: 'TileFlow' },
	'three-pass': {
		title: 'attention, normalised before the product with V',
		text: threePass,
		usedBy: 'frameworks without fused attention; FLAT; E.T.',
	},
	'no-maximum': {
		title: 'attention without taking off the maximum, divided last',
		text: noMaximum,
		usedBy: 'designs that bound their logits otherwise',
	},
	'layer-norm-two-step': {
		title: 'layer norm, variance from differences to the mean',
		text: layerNormTwoStep,
		usedBy: 'the textbook',
	},
	'layer-norm-sums': { title: 'layer norm, variance from sums of x and x²', text: layerNormSums, usedBy: 'fused kernels' },
};

/** The text that a name stands for, or the text itself. */
export function cascadeText(nameOrText: string): string {
	const name = cascadeNames.find((known) => known === nameOrText.trim());
	return name === undefined ? nameOrText : builtInCascades[name].text;
}
