import type { Claim } from '../claim.ts';

/** Lets nobody read what the claims say was published, until the function it returns is called. */
export function withdrawPublished(claims: readonly Claim[]): () => void {
	const restore = claims.map((claim) => {
		const { published } = claim;
		Object.defineProperty(claim, 'published', {
			configurable: true,
			get() {
				throw new Error(`a measurement read the published value of ${claim.id}`);
			},
		});
		return () => Object.defineProperty(claim, 'published', { configurable: true, enumerable: true, value: published });
	});
	return () => {
		for (const one of restore) one();
	};
}
