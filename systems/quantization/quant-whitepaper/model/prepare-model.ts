/** What is done to every float model before it is quantized: its function stays as it was. */

import type { FloatModel } from './float-model.ts';
import { foldAffine } from './fold-affine.ts';
import { fuseHardSwish } from './fuse-hard-swish.ts';
import { meanAsPool } from './mean-as-pool.ts';
import { withoutIdentities } from './without-identities.ts';

export function prepareModel(model: FloatModel): FloatModel {
	return meanAsPool(foldAffine(fuseHardSwish(withoutIdentities(model))));
}
