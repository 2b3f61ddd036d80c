import { catalog, findSystem } from '@assay/catalog';
import { jsonSchema } from '@assay/contract';
import { formatBytes, formatDuration } from '@assay/report/format';
import { textTable } from '@assay/report/text';
import { fieldTable } from '../field-table.ts';
import { print, printJson, terminalStyle } from '../terminal.ts';

/** `assay systems list` */
export async function listSystems(options: { readonly json?: true }): Promise<void> {
	const cards = catalog.map((entry) => entry.card);
	if (options.json === true) return printJson({ systems: cards });
	const rows = cards.map((card) => ({ slug: card.slug, domain: card.domain, question: card.question, paper: card.paper.arxiv }));
	const columns = [
		{ key: 'slug', label: 'System' },
		{ key: 'domain', label: 'Domain' },
		{ key: 'paper', label: 'arXiv' },
		{ key: 'question', label: 'Question' },
	];
	print(textTable(columns, rows, terminalStyle()));
}

/** `assay systems show <system>` */
export async function showSystem(slug: string, options: { readonly json?: true }): Promise<void> {
	const system = await findSystem(slug).load();
	if (options.json === true) {
		const claims = system.claims.map((claim) => ({
			id: claim.id,
			says: claim.says,
			published: claim.published,
			evidence: claim.evidence,
			tolerance: claim.evidence === 'quoted' ? null : claim.tolerance,
		}));
		return printJson({
			system: system.card,
			examples: system.examples,
			inputs: jsonSchema(system.inputs),
			outputs: jsonSchema(system.outputs, 'output'),
			claims,
		});
	}
	const style = terminalStyle();
	const { card } = system;
	print(
		`${style.bold(card.title)}\n${card.paper.title}, ${card.paper.authors.join(', ')} (${card.paper.year}), arXiv ${card.paper.arxiv}\n`,
	);
	print(
		`On shared workers a run may take ${formatDuration(card.limits.seconds)} and ${formatBytes(card.limits.bytes)} of memory.\n`,
	);
	print(fieldTable(system, style));
	const rows = system.claims.map((claim) => ({
		id: claim.id,
		value: claim.published.value,
		unit: claim.published.unit,
		evidence: claim.evidence,
		says: claim.says,
	}));
	const columns = [
		{ key: 'id', label: 'Claim' },
		{ key: 'value', label: 'Published' },
		{ key: 'unit', label: 'Unit' },
		{ key: 'evidence', label: 'Evidence' },
		{ key: 'says', label: 'What it says' },
	];
	print(`\n${textTable(columns, rows, style)}`);
}
