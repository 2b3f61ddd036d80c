/** The walls of the house; see ARCHITECTURE.md. */
const tests = '\\.(test|bench)\\.ts$|/testing/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
	forbidden: [
		{ name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
		{
			name: 'foundations-stand-alone',
			comment: 'The ground floor knows nothing of what stands on it.',
			severity: 'error',
			from: { path: '^foundations/' },
			to: { path: '^(systems|workbench|tools)/' },
		},
		{ name: 'systems-below-workbench', severity: 'error', from: { path: '^systems/' }, to: { path: '^(workbench|tools)/' } },
		{
			name: 'systems-apart',
			comment: 'What two systems need belongs in foundations.',
			severity: 'error',
			from: { path: '^systems/([^/]+/[^/]+)/' },
			to: { path: '^systems/', pathNot: '^systems/$1/' },
		},
		{
			name: 'contract-is-the-ground',
			comment: 'The contract needs zod and nothing else.',
			severity: 'error',
			from: { path: '^foundations/contract/', pathNot: tests },
			to: { pathNot: '^foundations/contract/|node_modules/zod/' },
		},
		{
			name: 'only-the-catalog-names-systems',
			severity: 'error',
			from: { path: '^workbench/', pathNot: '^workbench/catalog/|\\.(test|bench)\\.ts$' },
			to: { path: '^systems/' },
		},
		{
			name: 'faces-above-runs',
			comment: 'Database, catalog, runs, feed and report know no face.',
			severity: 'error',
			from: { path: '^workbench/(database|catalog|runs|report|feed|advise)/' },
			to: { path: '^workbench/(cli|server|web)/' },
		},
		{
			name: 'server-below-pages',
			comment: 'The server is given the built pages and knows none of them; its tests build them.',
			severity: 'error',
			from: { path: '^workbench/server/', pathNot: tests },
			to: { path: '^workbench/(web|cli)/' },
		},
		{
			name: 'database-is-the-cellar',
			comment: 'What holds everything knows nothing of what is held.',
			severity: 'error',
			from: { path: '^workbench/database/' },
			to: { path: '^workbench/(?!database/)' },
		},
		{
			name: 'browser-safe-foundations',
			comment: 'These also run in a Web Worker.',
			severity: 'error',
			from: { path: '^foundations/(contract|numerics|events|models|machines|search|sensitivity)/', pathNot: tests },
			to: { dependencyTypes: ['core'] },
		},
		{ name: 'no-tests-in-code', severity: 'error', from: { pathNot: tests }, to: { path: '\\.(test|bench)\\.ts$' } },
	],
	options: {
		doNotFollow: { path: 'node_modules' },
		exclude: { path: '^node_modules|^workbench/web/build/' },
		parser: 'swc',
		tsPreCompilationDeps: true,
		tsConfig: { fileName: 'tsconfig.json' },
		enhancedResolveOptions: {
			exportsFields: ['exports'],
			conditionNames: ['import', 'node', 'default', 'types'],
			extensions: ['.ts', '.js'],
		},
	},
};
