import type { Config } from '@react-router/dev/config';

export default {
	appDirectory: 'app',
	// Set by build.ts, which builds aside and moves the result into its place.
	buildDirectory: process.env['ASSAY_BUILD_FOLDER'] ?? 'build/by-hand',
	ssr: true,
	// All routes are known from the start: no manifest is fetched, and a static copy of the site needs none.
	routeDiscovery: { mode: 'initial' },
} satisfies Config;
