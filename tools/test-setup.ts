/** Property tests draw the same cases every time; `FUZZ_SEED=<integer>` draws others. */
import fc from 'fast-check';

fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env['FUZZ_SEED'] ?? 1) });
