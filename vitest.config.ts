import { relative } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take longest, begun first: at the end no core is left alone with one of them. */
const LONGEST = [
	// The first that needs the built pages builds them; the systems' own suite, which would fill both cores, begins when that is over.
	'workbench/web/e2e/accessibility.test.ts',
	'systems/accelerators/nasaic/assignment/assignment.test.ts',
	'systems/training/deep-optimizer-states/engine/update-engine.test.ts',
	'workbench/runs/contract.test.ts',
	'workbench/cli/cli.test.ts',
	'workbench/runs/readme-claims.test.ts',
	'workbench/cli/papers.test.ts',
	'workbench/web/e2e/runs.test.ts',
	'workbench/web/e2e/privacy-budget.test.ts',
	'workbench/server/random-requests.test.ts',
	'workbench/runs/distributed/worker.test.ts',
	'workbench/runs/distributed/survival.test.ts',
	'workbench/server/api.test.ts',
];

class LongestFirst extends BaseSequencer {
	override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
		const rank = ({ moduleId }: TestSpecification): number => {
			const at = LONGEST.indexOf(relative(import.meta.dirname, moduleId));
			return at < 0 ? LONGEST.length : at;
		};
		return (await super.sort(files)).toSorted((a, b) => rank(a) - rank(b));
	}
}

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
		sequence: { sequencer: LongestFirst },
	},
});
