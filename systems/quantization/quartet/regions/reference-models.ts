/** Models that the published map shows: nominal parameters and tokens they were trained on, as their makers state them. */
export const referenceModels = [
	{ name: 'Llama 3 70B', parameters: 70e9, tokens: 15e12 },
	{ name: 'Qwen2.5 72B', parameters: 72e9, tokens: 18e12 },
	{ name: 'Gemma 3 27B', parameters: 27e9, tokens: 14e12 },
	{ name: 'Gemma 3 12B', parameters: 12e9, tokens: 12e12 },
	{ name: 'Gemma 3 4B', parameters: 4e9, tokens: 4e12 },
	{ name: 'Gemma 3 1B', parameters: 1e9, tokens: 2e12 },
] as const;
