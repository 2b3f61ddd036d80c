import type { Config } from '@react-router/dev/config';

export default {
	appDirectory: 'app',
	// A path from here; build.ts chooses a folder for each state of the source.
	buildDirectory: process.env['ASSAY_BUILD_FOLDER'] ?? 'build/latest',
	ssr: true,
	// All routes are known from the start: no manifest is fetched, and a static copy of the site needs none.
	routeDiscovery: { mode: 'initial' },
} satisfies Config;
