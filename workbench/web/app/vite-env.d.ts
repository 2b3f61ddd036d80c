/// <reference types="vite/client" />

declare module 'virtual:anywhere-systems' {
	import type { System } from '@assay/contract';

	/** Systems that run in a browser, by slug. */
	const systems: Readonly<Record<string, () => Promise<{ readonly default: System }>>>;
	export default systems;
}
