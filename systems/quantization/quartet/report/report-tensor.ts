/** Panels of a quantised tensor: errors of all quantisers, and what the format looks like against the values. */
import type { Panel } from '@assay/contract';
import type { TensorOutput } from '../outputs.ts';
import { quantizerTitles } from '../quantizers/quantizer.ts';

export function reportTensor(tensor: TensorOutput): Panel[] {
	const { rows, grid, used, byMagnitude, scales, quantizer, hadamard, shape, bytesBefore, bytesAfter } = tensor;
	const rotated = hadamard ? ' after a Hadamard transform' : '';
	return [
		{
			kind: 'table',
			title: 'What is lost',
			note:
				`${tensor.source}, ${shape.join(' x ')}: ${(bytesBefore / 1e6).toPrecision(3)} MB as float32, ${(bytesAfter / 1e6).toPrecision(3)} MB in MXFP4. Errors are those ` +
				'of the values rotated back. The columns headed normal are of normal deviates whose spread is drawn evenly over a binade.',
			columns: [
				{ key: 'quantizer', label: 'Quantiser' },
				{ key: 'hadamard', label: 'Hadamard' },
				{ key: 'error', label: 'Squared error', unit: '%' },
				{ key: 'noise', label: 'Signal to noise', unit: 'dB' },
				{ key: 'misalignment', label: 'Misalignment', unit: '%', digits: 3 },
				{ key: 'clipped', label: 'Beyond the grid', unit: '%', digits: 3 },
				{ key: 'vanished', label: 'Become 0', unit: '%', digits: 3 },
				{ key: 'gaussian', label: 'Error, normal', unit: '%' },
				{ key: 'gaussianMisalignment', label: 'Misalignment, normal', unit: '%', digits: 3 },
				{ key: 'what', label: 'What it is' },
			],
			rows: rows.map((row) => ({
				quantizer: row.quantizer,
				hadamard: row.hadamard ? 'yes' : 'no',
				error: row.relativeError === null ? null : 100 * row.relativeError,
				noise: row.signalToNoise,
				misalignment: row.alignment === null ? null : 100 * (1 - row.alignment),
				clipped: 100 * (1 - row.keptShare),
				vanished: 100 * row.zeroShare,
				gaussian: 100 * row.gaussianError,
				gaussianMisalignment: 100 * (1 - row.gaussianAlignment),
				what: quantizerTitles[row.quantizer],
			})),
		},
		{
			kind: 'plot',
			title: 'Every value of E2M1, and how often it is used',
			note: `Each dot is a value that a 4-bit code can stand for, next to its share of the tensor’s values stored by ${quantizer}${rotated}; each group of 32 multiplies them by a power of two of its own.`,
			x: { label: 'Value, before the scale' },
			y: { label: 'Share of the values', unit: '%', zero: true },
			marks: [
				{
					mark: 'dot',
					data: grid.map((value, index) => ({ value, share: 100 * (used[index] ?? 0) })),
					x: 'value',
					y: 'share',
				},
			],
		},
		{
			kind: 'plot',
			title: 'Error by the size of the values',
			note: `Root mean square of the error in each binary order of magnitude, relative to the values${rotated}: 100 % means that they vanish.`,
			x: { label: 'Magnitude', scale: 'log' },
			y: { label: 'Relative error', unit: '%', scale: 'log' },
			color: { label: 'Quantiser' },
			marks: [
				{
					mark: 'line',
					data: byMagnitude
						.filter(({ magnitude, error }) => magnitude > 0 && error > 0)
						.map(({ quantizer: name, magnitude, error }) => ({ quantizer: name, magnitude, error: 100 * error })),
					x: 'magnitude',
					y: 'error',
					color: 'quantizer',
				},
			],
		},
		{
			kind: 'plot',
			title: 'Scales of the groups',
			note: `Exponents of the powers of two that groups are scaled by, by ${quantizer}${rotated}.`,
			x: { label: 'Exponent', scale: 'band' },
			y: { label: 'Share of the groups', unit: '%', zero: true },
			marks: [
				{
					mark: 'bar',
					data: scales.map(({ exponent, share }) => ({ exponent, share: 100 * share })),
					x: 'exponent',
					y: 'share',
					along: 'y',
				},
			],
		},
		{
			kind: 'file',
			title: 'The tensor in MXFP4',
			artifact: 'tensor-mxfp4.safetensors',
			note: 'codes: two E2M1 codes a byte, the first in the low half; scales: E8M0 for each 32 values. Value = code x 2^(scale - 127) x multiplier, then a Hadamard transform of each group if the metadata say so.',
		},
	];
}
