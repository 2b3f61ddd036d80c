/** How far the models can be trusted: against the authors' own simulations, since no such chip was built. */
import { type Calibration, calibrationError } from '@assay/contract';
import type { ComparedDesign } from './designs/compare-designs.ts';
import { runPublishedEvaluation } from './published/published-evaluation.ts';
import { publishedRows } from './published/published-rows.ts';

type Figure = (design: ComparedDesign) => number;

/** Predicted for the rows that are typed in. */
function predicted(name: 'fusemax' | 'flat', figure: Figure): number[] {
	const rows = runPublishedEvaluation();
	return publishedRows.map(([model, length]) => {
		const row = rows.find((one) => one.model === model && one.length === length);
		return row === undefined ? Number.NaN : figure(row.designs[name]);
	});
}

const seconds: Figure = ({ latencySeconds }) => latencySeconds;
const joules: Figure = (design) => design.joules;
const ofColumn = (column: 2 | 3 | 4 | 5) => publishedRows.map((row) => row[column]);

export const calibration: Calibration = {
	checks: [
		{
			against:
				'24 latencies of FuseMax and FLAT for heads of 64 and 128 at 1K to 1M tokens, from the authors’ simulation of a 256 by 256 array (not a measured chip); the closed forms were derived from the same results',
			measure: async () =>
				calibrationError([...predicted('fusemax', seconds), ...predicted('flat', seconds)], [...ofColumn(2), ...ofColumn(4)]),
		},
		{
			against: '24 energies of the same; an access to the global buffer was fitted to them, all else comes from tables',
			measure: async () =>
				calibrationError([...predicted('fusemax', joules), ...predicted('flat', joules)], [...ofColumn(3), ...ofColumn(5)]),
		},
	],
};
