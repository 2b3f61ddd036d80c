/** Cascades that several test files use. Nothing here is part of the language. */

export const threePass = `
input Q[e, p], K[e, m], V[f, m]
QK[m, p] = sum(e) Q[e, p] * K[e, m]
GM[p] = max(m) QK[m, p]
SN[m, p] = exp(QK[m, p] - GM[p])
SD[p] = sum(m) SN[m, p]
A[m, p] = SN[m, p] / SD[p]
AV[f, p] = sum(m) A[m, p] * V[f, m]
`;

export const onePass = `
split m = m1 * M0 + m0
input Q[e, p], K[e, m], V[f, m]
RM[0, p] = -inf; RD[0, p] = 0; RNV[0, f, p] = 0
QK[m, p] = sum(e) Q[e, p] * K[e, m]
LM[m1, p] = max(m0) QK[m, p]
RM[m1+1, p] = max(RM[m1, p], LM[m1, p])
SLN[m, p] = exp(QK[m, p] - RM[m1+1, p])
SLD[m1, p] = sum(m0) SLN[m, p]
SLNV[m1, f, p] = sum(m0) SLN[m, p] * V[f, m]
PRM[m1, p] = exp(RM[m1, p] - RM[m1+1, p])
SPD[m1, p] = RD[m1, p] * PRM[m1, p]
RD[m1+1, p] = SPD[m1, p] + SLD[m1, p]
SPNV[m1, f, p] = RNV[m1, f, p] * PRM[m1, p]
RNV[m1+1, f, p] = SPNV[m1, f, p] + SLNV[m1, f, p]
AV[f, p] = RNV[M1, f, p] / RD[M1, p]
`;
