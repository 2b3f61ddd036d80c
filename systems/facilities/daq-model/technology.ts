/** What later technology does to power. Sources: the published code's density model and its scaling-projection workbook. */
import { InputError, show } from '@assay/contract';

/** `density`: transistors per area, as the paper divides power by; `efficiency`: projected operations per watt. */
export type TechnologyScaling = 'density' | 'efficiency';

const referenceYear = 2022;

/** Growth rate of transistor density, 1/year (published code, fitted to IEDM 2022 data). */
const densityGrowthPerYear = 0.18717361;

/** Operations per watt and per mm2 relative to 2022 (figures/scaling projection.xlsx, rows 2 to 7). */
export const technologyProjection = [
	{ year: 2022, operationsPerArea: 1, operationsPerWatt: 1 },
	{ year: 2025, operationsPerArea: 1.39, operationsPerWatt: 1.23 },
	{ year: 2028, operationsPerArea: 1.93, operationsPerWatt: 1.39 },
	{ year: 2031, operationsPerArea: 4.07, operationsPerWatt: 1.79 },
	{ year: 2034, operationsPerArea: 8.68, operationsPerWatt: 1.99 },
	{ year: 2037, operationsPerArea: 14.62, operationsPerWatt: 2.03 },
] as const;

/** Factor by which power falls from 2022 to a year: S(y) = exp(0.18717361 (y - 2022)), or the projected gain per watt. */
export function technologyFactor(year: number, scaling: TechnologyScaling): number {
	if (scaling === 'density') return Math.exp(densityGrowthPerYear * (year - referenceYear));
	const after = technologyProjection.findIndex((row) => row.year >= year);
	const right = technologyProjection[Math.max(1, after)];
	const left = technologyProjection[Math.max(1, after) - 1];
	if (after === -1 || year < referenceYear || right === undefined || left === undefined) {
		throw new InputError({
			path: ['technologyYear'],
			found: show(year),
			expected: 'a year from 2022 to 2037, which the projection of operations per watt covers',
		});
	}
	const share = (year - left.year) / (right.year - left.year);
	return left.operationsPerWatt + share * (right.operationsPerWatt - left.operationsPerWatt);
}
