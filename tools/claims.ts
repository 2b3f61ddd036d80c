/** `npm run claims -- [system...]`: measures the claims and writes the tables in the systems' READMEs. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { catalog, findSystem } from '@assay/catalog';
import { claimsTable, LocalExecutor, RunStore, reproduce, withClaimsTable } from '@assay/runs';
import { dataFolder } from '@assay/sources';

const slugs = process.argv.slice(2);
const entries = slugs.length === 0 ? catalog : slugs.map(findSystem);
const store = await RunStore.open();
const executor = new LocalExecutor(dataFolder());
try {
	for (const { card } of entries) {
		const { claims, outcome } = await reproduce(store, executor, { system: card.slug, seed: 0 }, new AbortController().signal, {
			onVerdict: (verdict) => process.stderr.write(`${card.slug} ${verdict.id}: ${verdict.verdict}\n`),
		});
		if (outcome.kind !== 'done') throw new Error(`${card.slug}: ${outcome.kind === 'failed' ? outcome.message : outcome.kind}`);
		const path = fileURLToPath(new URL('README.md', import.meta.resolve(`@assay/${card.slug}/card`)));
		await writeFile(path, withClaimsTable(await readFile(path, 'utf8'), claimsTable(claims)));
	}
} finally {
	await executor.close();
	await store.close();
}
