/** How far the errors can be trusted. */
import type { Calibration } from '@assay/contract';

export const calibration: Calibration = {
	none: 'formats and bytes are exact by their definition; nobody has published key errors or perplexities of weights that come with this program, so how far errors on random inputs are from those on real text is not known',
};
