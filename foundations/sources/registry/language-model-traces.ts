import type { Source } from '../source.ts';

const azure = 'https://raw.githubusercontent.com/Azure/AzurePublicDataset/b469a113cedca53ddc3bdea71a143dc4b7d8700c/data';

/** Request traces and profiles of language-model serving. */
export const languageModelTraces: readonly Source[] = [
	{
		name: 'azure-llm-2023-code',
		title: 'Azure LLM inference trace 2023, coding service: 8,819 requests (arrival, prompt tokens, output tokens)',
		url: `${azure}/AzureLLMInferenceTrace_code.csv`,
		bytes: 320117,
		sha256: '54e9a6d2a4bd06ba1e060304b900abbc74cbea53de96506e60fe5bb4f2277fb6',
		mediaType: 'text/csv',
		licence: 'CC-BY 4.0',
		citation:
			'Patel et al., Splitwise: Efficient generative LLM inference using phase splitting, ISCA 2024; Azure Public Dataset',
		mirror: { path: 'splitwise/AzureLLMInferenceTrace_code.csv' },
	},
	{
		name: 'azure-llm-2023-conversation',
		title: 'Azure LLM inference trace 2023, conversation service: 19,366 requests (arrival, prompt tokens, output tokens)',
		url: `${azure}/AzureLLMInferenceTrace_conv.csv`,
		bytes: 719188,
		sha256: '2f1e5b666d4e3055fdbba98598ce2ec307767b9064e03e2fa46676dbcc7d0bf8',
		mediaType: 'text/csv',
		licence: 'CC-BY 4.0',
		citation:
			'Patel et al., Splitwise: Efficient generative LLM inference using phase splitting, ISCA 2024; Azure Public Dataset',
		mirror: { path: 'splitwise/AzureLLMInferenceTrace_conv.csv' },
	},
	{
		name: 'llm-phase-profiles-dgx',
		title:
			'Prefill and decode iteration times of BLOOM-176B and Llama2-70B on DGX-A100, DGX-H100 and power-capped DGX-H100: 1,260 profiling rows',
		url: 'https://raw.githubusercontent.com/Mutinifni/splitwise-sim/8f99e7dc9b407f4ce2488d03dd44c0b8b946dab0/data/perf_model.csv',
		bytes: 127281,
		sha256: 'dbbe505d1d64fc4bd1ec03c50edf944643586de4f68a81e94cbd55dd5bdfbf41',
		mediaType: 'text/csv',
		licence: 'MIT',
		citation: 'splitwise-sim, github.com/Mutinifni/splitwise-sim',
		mirror: { path: 'splitwise/perf_model.csv' },
	},
];
