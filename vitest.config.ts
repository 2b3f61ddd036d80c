import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['{foundations,systems,workbench,tools}/**/*.test.ts'],
		benchmark: { include: ['{foundations,systems,workbench}/**/*.bench.ts'] },
		setupFiles: ['tools/test-setup.ts'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// The tests start threads of their own; two test files at a time keep a small machine responsive.
		maxWorkers: 2,
	},
});
