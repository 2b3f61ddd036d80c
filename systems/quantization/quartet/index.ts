import { defineSystem } from '@assay/contract';
import { advise } from './advise.ts';
import { calibration } from './calibration.ts';
import { card } from './card.ts';
import { claims } from './claims/claims.ts';
import { examples } from './examples.ts';
import { inputs } from './inputs.ts';
import { outputs } from './outputs.ts';
import { report } from './report/report.ts';
import { run } from './run.ts';

export default defineSystem({
	card,
	inputs,
	outputs,
	examples,
	run,
	headline: ({ answer }) => answer.replaceAll(/\s+/g, ' ').trim() || 'no answer',
	report,
	claims,
	advise,
	calibration,
});
