/** Mappings that FLAT's own tool chose for the published comparison (artifact of the paper, validation of FLAT, cloud platform). */
import { cloudBaseline } from '../accelerator.ts';
import type { AttentionShape } from '../attention-shape.ts';
import type { FlatMapping, Stationarity } from '../designs/flat.ts';
import { spilledShare } from '../flat-mapper.ts';

interface Choice {
	readonly onChip: readonly ('Q' | 'K' | 'QK' | 'V' | 'AV')[];
	readonly stationary: Stationarity;
	/** Rows of queries at a time; null: a whole head. */
	readonly rows: number | null;
}

const head = (...onChip: Choice['onChip']): Choice => ({ onChip, stationary: 'output', rows: null });
const rows = (count: number, ...onChip: Choice['onChip']): Choice => ({ onChip, stationary: 'output', rows: count });
const spilledLogits: Choice = { onChip: ['Q', 'AV'], stationary: 'weight', rows: 1024 };

/** By width of a head and length; the three models with heads of 64 got the same. */
const choices: Readonly<Record<string, Choice>> = {
	'64 1024': head('QK'),
	'64 4096': head('QK'),
	'64 16384': rows(1024, 'QK'),
	'64 65536': rows(256, 'QK', 'AV'),
	'64 262144': spilledLogits,
	'64 1048576': spilledLogits,
	'128 1024': head('QK', 'V'),
	'128 4096': head('QK', 'V'),
	'128 16384': rows(1024, 'Q', 'QK'),
	'128 65536': rows(256, 'Q', 'QK', 'AV'),
	'128 262144': spilledLogits,
	'128 1048576': spilledLogits,
};

/** The mapping of a published shape. Raises a RangeError for any other. */
export function publishedFlatMapping(shape: AttentionShape): FlatMapping {
	const choice = choices[`${shape.queryKeyWidth} ${shape.keys}`];
	if (choice === undefined) throw new RangeError('not a published shape');
	const kept = (name: Choice['onChip'][number]) => choice.onChip.includes(name);
	const mapping = {
		queriesOnChip: kept('Q'),
		keysOnChip: kept('K'),
		logitsOnChip: kept('QK'),
		valuesOnChip: kept('V'),
		resultsOnChip: kept('AV'),
		firstStationarity: choice.stationary,
		secondStationarity: choice.stationary,
		rowsAtATime: choice.rows ?? shape.queries,
	};
	return { ...mapping, spilledShare: spilledShare(shape, cloudBaseline, mapping) };
}

/** Times that the published mapping of the unfused design reads keys and values. */
export const publishedUnfusedReads = ({ keys, queryKeyWidth }: AttentionShape): number => (keys > 65_536 ? queryKeyWidth / 8 : 1);
