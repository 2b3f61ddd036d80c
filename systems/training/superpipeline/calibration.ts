import type { Calibration } from '@assay/contract';

export const calibration: Calibration = {
	none: 'The paper publishes no table of times or memory that could be reached, so the simulator cannot be held against its measurements. A run with mode run-here sets the simulator’s and the accounting’s figures beside what this computer measures.',
};
