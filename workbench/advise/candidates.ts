/** Which systems have something to say about a subject: asked one by one, through their own `advise` entries alone. */
import { type CatalogEntry, catalog as everything } from '@assay/catalog';
import { InputError, parseInputs, type Subject, type System } from '@assay/contract';

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

/** What every system says before anything is run. */
export interface Candidates {
	readonly candidates: readonly Candidate[];
	readonly notApplicable: readonly NotApplicable[];
	/** Systems that stumbled over the subject: their mistake, and no reason to keep the others' advice from the user. */
	readonly stumbled: readonly { readonly entry: CatalogEntry; readonly message: string }[];
}

/** Asks every system of the catalogue that gives advice. */
export async function findCandidates(subject: Subject, catalog: readonly CatalogEntry[] = everything): Promise<Candidates> {
	const candidates: Candidate[] = [];
	const notApplicable: NotApplicable[] = [];
	const stumbled: { entry: CatalogEntry; message: string }[] = [];
	for (const entry of catalog) {
		const system = await entry.load();
		if (system.advise === undefined) continue;
		try {
			const found = system.advise.applies(subject);
			if ('reason' in found) {
				notApplicable.push({ system: entry.card.slug, title: entry.card.title, reason: found.reason });
				continue;
			}
			parseInputs(system, found.inputs);
			candidates.push({ entry, system, inputs: found.inputs });
		} catch (error) {
			if (!(error instanceof InputError)) throw error;
			stumbled.push({ entry, message: `it would run on inputs that it refuses itself: ${error.message}` });
		}
	}
	return { candidates, notApplicable, stumbled };
}
