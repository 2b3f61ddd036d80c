/** The least and the greatest of some values. */
export interface ValueRange {
	readonly minimum: number;
	readonly maximum: number;
}
