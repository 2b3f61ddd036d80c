import { defineSystem } from '@assay/contract';
import { card } from './card.ts';
import { claims } from './claims.ts';
import { examples } from './examples.ts';
import { headline } from './headline.ts';
import { inputs } from './inputs.ts';
import { outputs } from './outputs.ts';
import { report } from './report.ts';
import { run } from './run.ts';

export default defineSystem({ card, inputs, outputs, examples, run, headline, report, claims, fidelity: 'samples' });
