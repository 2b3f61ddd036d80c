import type { Device, FigureSource } from '../device.ts';

const m1MaxNews: FigureSource = {
	title: 'Apple Newsroom, Introducing M1 Pro and M1 Max',
	url: 'https://www.apple.com/newsroom/2021/10/introducing-m1-pro-and-m1-max-the-most-powerful-chips-apple-has-ever-built/',
};
const m1UltraNews: FigureSource = {
	title: 'Apple Newsroom, Apple unveils M1 Ultra',
	url: 'https://www.apple.com/newsroom/2022/03/apple-unveils-m1-ultra-the-worlds-most-powerful-chip-for-a-personal-computer/',
};
const m2UltraNews: FigureSource = {
	title: 'Apple Newsroom, Apple introduces M2 Ultra',
	url: 'https://www.apple.com/newsroom/2023/06/apple-introduces-m2-ultra/',
};
const m3MaxNews: FigureSource = {
	title: 'Apple Newsroom, Apple unveils M3, M3 Pro, and M3 Max',
	url: 'https://www.apple.com/newsroom/2023/10/apple-unveils-m3-m3-pro-and-m3-max-the-most-advanced-chips-for-a-personal-computer/',
};
const m3MaxSpecs: FigureSource = {
	title: 'Apple, MacBook Pro (16-inch, Nov 2023) technical specifications',
	url: 'https://support.apple.com/en-us/117737',
};
const m4MaxNews: FigureSource = {
	title: 'Apple Newsroom, Apple introduces M4 Pro and M4 Max',
	url: 'https://www.apple.com/newsroom/2024/10/apple-introduces-m4-pro-and-m4-max/',
};

/** Apple’s chips: the GPU with the unified memory of the largest configuration. Apple prints no rates for the later ones. */
export const appleDevices: readonly Device[] = [
	{
		name: 'm1-max',
		aliases: [],
		vendor: 'Apple',
		kind: 'gpu',
		release: '2021-10',
		peakOpsPerSecond: { fp32: 10.4e12 },
		memory: { kind: 'unified LPDDR5', bytes: 64e9, bandwidthBytesPerSecond: 400e9 },
		links: [],
		sources: { release: m1MaxNews, peakOpsPerSecond: m1MaxNews, memory: m1MaxNews },
	},
	{
		name: 'm1-ultra',
		aliases: [],
		vendor: 'Apple',
		kind: 'gpu',
		release: '2022-03',
		peakOpsPerSecond: { fp32: 21e12 },
		memory: { kind: 'unified LPDDR5', bytes: 128e9, bandwidthBytesPerSecond: 800e9 },
		links: [],
		sources: { release: m1UltraNews, peakOpsPerSecond: m1UltraNews, memory: m1UltraNews },
	},
	{
		name: 'm2-ultra',
		aliases: [],
		vendor: 'Apple',
		kind: 'gpu',
		release: '2023-06',
		peakOpsPerSecond: {},
		memory: { kind: 'unified LPDDR5', bytes: 192e9, bandwidthBytesPerSecond: 800e9 },
		links: [],
		sources: { release: m2UltraNews, memory: m2UltraNews },
	},
	{
		name: 'm3-max',
		aliases: [],
		vendor: 'Apple',
		kind: 'gpu',
		release: '2023-10',
		peakOpsPerSecond: {},
		memory: { kind: 'unified LPDDR5', bytes: 128e9, bandwidthBytesPerSecond: 400e9 },
		links: [],
		sources: { release: m3MaxNews, memory: m3MaxSpecs },
	},
	{
		name: 'm4-max',
		aliases: [],
		vendor: 'Apple',
		kind: 'gpu',
		release: '2024-10',
		peakOpsPerSecond: {},
		memory: { kind: 'unified LPDDR5X', bytes: 128e9, bandwidthBytesPerSecond: 546e9 },
		links: [],
		sources: { release: m4MaxNews, memory: m4MaxNews },
	},
];
