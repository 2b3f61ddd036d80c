/** The parts that a token's time is divided into. */
export const operations = [
	'embedding',
	'norms',
	'query-key-value',
	'rotary embedding',
	'key write',
	'scores',
	'softmax',
	'value write',
	'parameter read',
	'values',
	'projection',
	'feed-forward up',
	'activation',
	'feed-forward down',
	'residual adds',
	'head',
] as const;
export type Operation = (typeof operations)[number];

/** Those that are products in the banks. */
export const products = [
	'query-key-value',
	'scores',
	'values',
	'projection',
	'feed-forward up',
	'feed-forward down',
	'head',
] as const satisfies readonly Operation[];
