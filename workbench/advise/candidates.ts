/** Which systems have something to say about a subject: asked one by one, through their own `advise` entries alone. */
import { type CatalogEntry, catalog as everything } from '@assay/catalog';
import { parseInputs, type Subject, type System } from '@assay/contract';

/** A system that takes the subject, and the inputs it wants to be run with. */
export interface Candidate {
	readonly entry: CatalogEntry;
	readonly system: System;
	/** As the system gave them, defaults left out. */
	readonly inputs: unknown;
}

/** A system that does not, and why. */
export interface NotApplicable {
	readonly system: string;
	readonly title: string;
	readonly reason: string;
}

/** Asks every system of the catalogue that gives advice. */
export async function findCandidates(
	subject: Subject,
	catalog: readonly CatalogEntry[] = everything,
): Promise<{ readonly candidates: readonly Candidate[]; readonly notApplicable: readonly NotApplicable[] }> {
	const candidates: Candidate[] = [];
	const notApplicable: NotApplicable[] = [];
	for (const entry of catalog) {
		const system = await entry.load();
		if (system.advise === undefined) continue;
		const found = system.advise.applies(subject);
		if ('reason' in found) {
			notApplicable.push({ system: entry.card.slug, title: entry.card.title, reason: found.reason });
			continue;
		}
		// Inputs that its own schema refuses are the system's mistake, and not one to be shown to a user as theirs.
		parseInputs(system, found.inputs);
		candidates.push({ entry, system, inputs: found.inputs });
	}
	return { candidates, notApplicable };
}
