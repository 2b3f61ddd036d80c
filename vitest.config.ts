import { defineConfig } from 'vitest/config';

export default defineConfig({
	test: {
		include: ['{foundations,systems,workbench,tools}/**/*.test.ts'],
		benchmark: { include: ['{foundations,systems,workbench}/**/*.bench.ts'] },
		setupFiles: ['tools/test-setup.ts'],
		testTimeout: 60_000,
		hookTimeout: 60_000,
		// V8 loses track of code pages where WebAssembly comes and goes on several threads, and ends the process (nodejs/node issue 64500).
		execArgv: ['--no-memory-protection-keys'],
		// The tests start threads of their own; two test files at a time keep a small machine responsive.
		maxWorkers: 2,
	},
});
