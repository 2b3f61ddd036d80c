/** What an array makes of a layer. */
export interface ArrayRun {
	readonly cycles: number;
	/** Multiply-accumulates over the ones that all elements could do in that time. */
	readonly utilisation: number;
}
