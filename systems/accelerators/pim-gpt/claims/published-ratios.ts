/** Ratios that the paper states for its eight models. They are shown and claimed, and no computation reads them. */

export interface PublishedRatio {
	readonly id: string;
	readonly of: 'speed' | 'energy';
	readonly against: 'GPU (NVIDIA T4)' | 'CPU (Xeon Gold 6154)';
	readonly lowest: number;
	readonly highest: number;
	readonly where: string;
}

const first = 'arXiv v1, October 2023, abstract';
const second = 'arXiv v2, April 2024, and the journal, abstract';

export const publishedRatios: readonly PublishedRatio[] = [
	{ id: 'C1', of: 'speed', against: 'GPU (NVIDIA T4)', lowest: 41, highest: 137, where: `${first}; the same in v2` },
	{ id: 'C2', of: 'speed', against: 'CPU (Xeon Gold 6154)', lowest: 631, highest: 1074, where: `${first}; the same in v2` },
	{ id: 'C3-v1', of: 'energy', against: 'GPU (NVIDIA T4)', lowest: 339, highest: 1085, where: first },
	{ id: 'C3-v2', of: 'energy', against: 'GPU (NVIDIA T4)', lowest: 123, highest: 383, where: second },
	{ id: 'C4-v1', of: 'energy', against: 'CPU (Xeon Gold 6154)', lowest: 890, highest: 1632, where: first },
	{ id: 'C4-v2', of: 'energy', against: 'CPU (Xeon Gold 6154)', lowest: 320, highest: 602, where: second },
];
