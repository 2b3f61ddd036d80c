/** The cascades that come with the system, classified by the analysis of passes. */
import { checkCascade, parseCascade } from '@assay/models/einsum';
import { builtInCascades, type CascadeName, cascadeNames } from './built-in-cascades.ts';
import { analysePasses, type PassAnalysis } from './pass-analysis.ts';

/** The analysis of a built-in cascade with respect to m. */
export const analyseBuiltIn = (name: CascadeName): PassAnalysis =>
	analysePasses(checkCascade(parseCascade(builtInCascades[name].text)), 'm');

/** Passes, and what must be kept over a whole fibre, of every built-in cascade. */
export function taxonomy() {
	return cascadeNames.map((name) => {
		const { passes, tensors, unsafeExponentials } = analyseBuiltIn(name);
		const { title, usedBy } = builtInCascades[name];
		const kept = tensors.filter(({ footprint }) => footprint === 'fibre').map(({ tensor }) => tensor);
		return { name, title, usedBy, passes, kept, unsafe: unsafeExponentials.length > 0 };
	});
}
