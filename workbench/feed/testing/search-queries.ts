/** Queries, each with the paper that should be among the first three of the 47. */
export const searchQueries: readonly (readonly [string, string])[] = [
	['train language models in four-bit floating point', 'quartet'],
	['side channel contract for open processors', 'leasyn'],
	['slide microscopy viewer for cancer detection', 'fastpathology'],
	['who must report large training runs', 'compute-governance'],
	['wafer factory simulation', 'fab-devs'],
	['particle collider trigger power', 'daq-model'],
	['split prefill and decode on different machines', 'splitwise'],
	['boolean circuit optimisation with reinforcement learning', 'abc-rl'],
	['recurrent network kernels fast on GPU', 'flashrnn'],
	['prune training samples while training', 'seta'],
	['eight-bit integer inference for CNNs', 'quant-whitepaper'],
	['cheap fine-tuning with SSD offload', 'fuyou'],
	['sparse coding dictionary learning library', 'prosper'],
	['AMD kernel programming', 'hipkittens'],
];
