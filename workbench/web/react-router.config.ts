import type { Config } from '@react-router/dev/config';

export default {
	appDirectory: 'app',
	buildDirectory: 'build',
	ssr: true,
	// All routes are known from the start: no manifest is fetched, and a static copy of the site needs none.
	routeDiscovery: { mode: 'initial' },
} satisfies Config;
