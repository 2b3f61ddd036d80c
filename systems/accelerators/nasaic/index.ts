import { defineSystem } from '@assay/contract';
import { advise } from './advise.ts';
import { calibration } from './calibration.ts';
import { card } from './card.ts';
import { claims } from './claims.ts';
import { examples } from './examples.ts';
import { inputs } from './inputs.ts';
import { outputs } from './outputs.ts';
import { report } from './report.ts';
import { run } from './run.ts';

export default defineSystem({
	card,
	inputs,
	outputs,
	examples,
	run,
	headline: ({ answer }) => answer,
	report,
	claims,
	fidelity: 'search.episodes',
	advise,
	calibration,
});
