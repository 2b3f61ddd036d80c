/** Search that is there at once: the first start converts the pretrained word vectors in the background, and meaning then takes them in. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import type { AssayDatabase } from '@assay/database';
import { openWordVectors, SearchIndex, wordVectorsFile } from '@assay/feed';

export interface Search {
	/** The best index there is by now. */
	readonly current: SearchIndex;
	/** Resolves when the index has its word vectors, or when it is clear that there are none. */
	readonly complete: Promise<void>;
}

export async function openSearch(database: AssayDatabase, folder: string, log: (message: string) => void): Promise<Search> {
	const cache = join(folder, 'cache');
	const isConverted = await access(wordVectorsFile(cache)).then(
		() => true,
		() => false,
	);
	if (isConverted) {
		const current = await SearchIndex.open(database, { wordVectors: await openWordVectors({ folder: cache }) });
		return { current, complete: Promise.resolve() };
	}
	let current = await SearchIndex.open(database);
	const convert = async (): Promise<void> => {
		const wordVectors = await openWordVectors({ folder: cache });
		if (wordVectors === undefined)
			return log('the pretrained word vectors are not installed; search by meaning rests on the papers alone');
		current = await SearchIndex.open(database, { wordVectors });
	};
	const complete = convert().catch((error: unknown) =>
		log(
			`the pretrained word vectors could not be used: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
		),
	);
	return {
		get current() {
			return current;
		},
		complete,
	};
}
