import { reactRouter } from '@react-router/dev/vite';
import { defineConfig } from 'vite';
import { anywhereSystems } from './anywhere-systems.ts';

export default defineConfig({
	plugins: [reactRouter(), anywhereSystems()],
	build: { assetsInlineLimit: 0, reportCompressedSize: false },
	worker: { format: 'es', plugins: () => [anywhereSystems()] },
	// The server's side of the pages uses the same modules as the server that serves them, not copies of them.
	environments: { ssr: { build: { rolldownOptions: { external: [/^@assay\//, /^node:/, /^react/] } } } },
	logLevel: 'warn',
});
