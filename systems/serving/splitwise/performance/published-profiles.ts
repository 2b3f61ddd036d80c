/**
 * Medians of prompt and token time by number of batch tokens, tensor parallelism 8, as profiled by the authors and published
 * with splitwise-sim (data/perf_model.csv, MIT). Facts, kept here so that Assay runs on a machine that has just been
 * unpacked; a test computes them again from the file.
 */
import type { PhaseProfile } from './phase-curves.ts';

/** Batch tokens of every profile below. */
const batchTokens = [128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768] as const;

interface PublishedMedians {
	readonly model: string;
	/** GPU name as the file writes it. */
	readonly hardware: string;
	readonly promptMilliseconds: readonly number[];
	readonly tokenMilliseconds: readonly number[];
}

const medians: readonly PublishedMedians[] = [
	{
		model: 'bloom-176b',
		hardware: 'a100-80gb',
		promptMilliseconds: [
			79.66843713074923, 99.16399419307707, 174.38230104744434, 287.4673455953598, 536.0554573126137, 1332.6430150773376,
			3591.468118596822, 5782.002554042265, 11251.82795501314,
		],
		tokenMilliseconds: [
			47.61210048761894, 47.70669789515495, 49.31298361721206, 49.442481044239884, 50.188204091166945, 51.63132658275944,
			54.273851959247466, 65.38046831925085, 96.58297453273646,
		],
	},
	{
		model: 'bloom-176b',
		hardware: 'h100-80gb',
		promptMilliseconds: [
			48.28443902079016, 51.17948295082897, 76.14180399104953, 132.2169970080722, 251.96400948334485, 649.5982770284172,
			1411.5745809976943, 2521.9093060004525, 4996.45071401028,
		],
		tokenMilliseconds: [
			35.739242111142055, 36.15448040398219, 36.16617500690543, 36.33388049151624, 36.738943138093816, 37.52989886950988,
			39.016441875421556, 45.84156714267956, 63.82134215911763,
		],
	},
	{
		model: 'bloom-176b',
		hardware: 'h100-80gb-pcap',
		promptMilliseconds: [
			62.76977072702721, 66.53332783607766, 98.98434518836439, 171.88209611049388, 327.5532123283483, 844.4777601369424,
			1835.0469552970028, 3278.4820978005882, 6495.3859282133635,
		],
		tokenMilliseconds: [
			35.739242111142055, 36.15448040398219, 36.16617500690543, 36.33388049151624, 36.738943138093816, 37.52989886950988,
			39.016441875421556, 45.84156714267956, 63.82134215911763,
		],
	},
	{
		model: 'llama2-70b',
		hardware: 'a100-80gb',
		promptMilliseconds: [
			65.34724007360637, 66.75650901161134, 93.0164810270071, 160.8600309700705, 282.7095299726352, 708.3550450042821,
			1780.9667804976925, 3524.54145392403, 7553.992661996745,
		],
		tokenMilliseconds: [
			43.03125888805866, 43.48343788411498, 45.03313963927518, 44.561585180890404, 45.6972767023267, 46.473363467572824,
			48.47078598617745, 53.01698394519401, 71.6051476655572,
		],
	},
	{
		model: 'llama2-70b',
		hardware: 'h100-80gb',
		promptMilliseconds: [
			58.18541598273441, 51.65851098718122, 53.85797604685649, 77.68386948737316, 134.4232030096464, 376.2156415032223,
			831.4855720091145, 1551.7261609784327, 2936.3297179806978,
		],
		tokenMilliseconds: [
			29.87266007185672, 28.266553230323336, 30.56174722271708, 29.97299270359726, 31.634892508897227, 31.329116093429764,
			32.59232873922053, 38.61935059888303, 50.16084560871447,
		],
	},
	{
		model: 'llama2-70b',
		hardware: 'h100-80gb-pcap',
		promptMilliseconds: [
			75.64104077755474, 67.15606428333558, 70.01536886091344, 100.9890303335851, 174.7501639125403, 489.080333954189,
			1080.931243611849, 2017.2440092719626, 3817.228633374907,
		],
		tokenMilliseconds: [
			29.87266007185672, 28.266553230323336, 30.56174722271708, 29.97299270359726, 31.634892508897227, 31.329116093429764,
			32.59232873922053, 38.61935059888303, 50.16084560871447,
		],
	},
];

/** Tensor parallelism of the published medians: all eight GPUs of a DGX serve one model. */
export const publishedTensorParallel = 8;

/** The published profile of a model on a kind of GPU, if there is one. */
export function publishedProfile(model: string, hardware: string): PhaseProfile | undefined {
	const found = medians.find((one) => one.model === model && one.hardware === hardware);
	if (found === undefined) return undefined;
	return {
		batchTokens,
		promptSeconds: found.promptMilliseconds.map((milliseconds) => milliseconds / 1000),
		tokenSeconds: found.tokenMilliseconds.map((milliseconds) => milliseconds / 1000),
	};
}
