/** What the paper measured on ImageNet and on a phone, neither of which is at hand here. */
import type { QuotedClaim } from '@assay/contract';

const quoted = (id: string, says: string, value: number, unit: string, where: string, comment?: string): QuotedClaim => ({
	id,
	says,
	published: { value, unit, where },
	evidence: 'quoted',
	...(comment === undefined ? {} : { comment }),
});

export const quotedClaims: readonly QuotedClaim[] = [
	quoted(
		'W4',
		'A digital signal processor (Qualcomm HVX) runs 8-bit networks up to 10 times as fast as a CPU runs float.',
		10,
		'x',
		'abstract',
	),
	quoted(
		'W7a',
		'MobileNetV1, float 70.9 %: one scale a layer, asymmetric, without training again.',
		0.1,
		'% top-1',
		'table of networks quantized after training',
		'D1 and D3 show the same collapse on a network for digits.',
	),
	quoted(
		'W7b',
		'MobileNetV1: a scale a channel, symmetric, without training again.',
		59.1,
		'% top-1',
		'table of networks quantized after training',
	),
	quoted(
		'W7c',
		'MobileNetV1: a scale a channel, asymmetric, without training again.',
		70.3,
		'% top-1',
		'table of networks quantized after training',
	),
	quoted('W7d', 'MobileNetV1: trained on the grid, a scale a channel.', 70.7, '% top-1', 'table of networks trained on the grid'),
	quoted(
		'W8',
		'MobileNetV2, float 71.9 %: a scale a channel, symmetric, without training again.',
		69.8,
		'% top-1',
		'table of networks quantized after training',
	),
	quoted(
		'W9',
		'NASNet-mobile, float 74 %: a scale a channel, asymmetric, without training again.',
		74,
		'% top-1',
		'table of networks quantized after training',
	),
	quoted('W10', 'Inception-v3, float 78 %: every mode.', 78, '% top-1', 'table of networks quantized after training'),
	quoted(
		'W11',
		'ResNet-v1-50, float 75.2 %: a scale a channel, without training again.',
		75.1,
		'% top-1',
		'table of networks quantized after training',
	),
	quoted(
		'W12',
		'ResNet-v1-152, float 76.8 %: a scale a channel, asymmetric, without training again.',
		76.7,
		'% top-1',
		'table of networks quantized after training',
	),
	quoted(
		'W13a',
		'MobileNetV1 on the large core of a Pixel 2: float over 8 bits.',
		155 / 68,
		'x',
		'table of times on a Pixel 2',
		'W3 is the same ratio here.',
	),
	quoted(
		'W13b',
		'Inception-v3 on the large core of a Pixel 2: float over 8 bits.',
		1391 / 536,
		'x',
		'table of times on a Pixel 2',
	),
];
