/** What the figures of a run come down to, in words. */
import { mean } from '@assay/contract';
import { isWorthIt, WORTH_RATIO } from './decision.ts';
import type { HeadOrder } from './ksort/channel-order.ts';
import { REPAIR_BITS } from './memory/cache-plans.ts';
import type { Outputs } from './outputs.ts';

/** Another order is proposed from this share of the mean score error on. */
const BETTER_SHARE = 0.8;

/** One verdict a layer. */
export function layerVerdicts(heads: Outputs['heads'], bits: number, blockSize: number): Outputs['layers'] {
	return [...new Set(heads.map(({ layer }) => layer))].map((layer) => {
		const own = heads.filter((head) => head.layer === layer);
		const unsafe = own.filter((head) => head.isUnsafe).length;
		const worth = isWorthIt(own);
		const repair =
			bits < REPAIR_BITS ? `give ${unsafe === own.length ? 'its' : `${unsafe}`} keys ${REPAIR_BITS} bits` : 'give keys more bits';
		const format = `BFP${bits + 8}_${blockSize}`;
		return {
			layer,
			heads: own.length,
			gaining: own.filter(({ gain }) => gain > WORTH_RATIO).length,
			unsafe,
			worstScoreError: Math.max(...own.map(({ sorted }) => sorted.scoreError)),
			verdict: `${format}${worth ? ', sorted' : '; sorting changes little'}${unsafe > 0 ? `; unsafe: ${repair}` : ''}`,
		};
	});
}

/** Whether another order than the chosen one would have served attention clearly better. */
export function betterOrder({
	bySize: rows,
	perplexity: measured,
	format,
}: Pick<Outputs, 'bySize' | 'perplexity' | 'format'>): string | null {
	const of = (order: HeadOrder) => rows.find((row) => row.order === order && row.blockSize === format.blockSize)?.mean.scoreError;
	const [chosen, rising] = [of(format.order), of('rising')];
	const perplexityOf = (order: HeadOrder) =>
		measured.find((row) => row.outlierFactor > 1 && row.blockSize === format.blockSize && row.order === order)?.perplexity;
	const [chosenPerplexity, risingPerplexity] = [perplexityOf(format.order), perplexityOf('rising')];
	if (chosen === undefined || rising === undefined || format.order === 'rising') return null;
	const isBetter =
		chosenPerplexity !== undefined && risingPerplexity !== undefined
			? risingPerplexity < chosenPerplexity
			: rising < BETTER_SHARE * chosen;
	if (!isBetter) return null;
	const seen =
		chosenPerplexity === undefined || risingPerplexity === undefined
			? ''
			: `, perplexity from ${number(chosenPerplexity)} to ${number(risingPerplexity)}`;
	return `Outliers first and then the quietest channels (sort.order rising, an addition of ours) does better here: mean score error from ${number(chosen)} to ${number(rising)}${seen}.`;
}

/** How much of what orders of their own would gain the heads keep that share one. */
export function keptBySharing({ bySize: rows, format }: Pick<Outputs, 'bySize' | 'format'>): string | null {
	const of = (order: HeadOrder) =>
		rows.find((row) => row.order === order && row.blockSize === format.blockSize)?.mean.channelError;
	const [unsorted, shared, own] = [of('none'), of('shared'), of('free')];
	if (unsorted === undefined || shared === undefined || own === undefined) return null;
	const kept =
		own < unsorted
			? `, ${Math.round((100 * (unsorted - shared)) / (unsorted - own))} % of the fall that an order for each head would bring (to ${number(own)})`
			: '';
	const isSame = Math.abs(shared - unsorted) < 1e-6 * unsorted;
	const smaller = isSame
		? ` Blocks of ${format.blockSize} hold the same channels in any order that keeps partners in place: try smaller ones (format.blockSizes).`
		: '';
	return `The graph turns all heads by the same tables, so they share one order of pairs: the mean error per channel goes from ${number(unsorted)} to ${number(shared)}${kept}.${smaller}`;
}

const number = (value: number): string => Number(value.toPrecision(3)).toString();

/** The answer in a sentence. */
export function answerOf(o: Outputs, model: string): string {
	const { mantissaBits, blockSize } = o.format;
	const name = `BFP${mantissaBits + 8}_${blockSize}`;
	const [before, paper] = [o.memory[0], o.memory[2]];
	const gains = o.heads.map(({ gain }) => gain);
	const sorting = o.isWorthIt
		? `sorting is worth it: it helps ${o.gainingHeads} of ${o.heads.length} heads, and cuts the mean error per channel ${number(mean(gains))} times`
		: `sorting changes little: it helps ${o.gainingHeads} of ${o.heads.length} heads`;
	const safety =
		o.unsafeHeads === 0
			? `${mantissaBits}-bit keys look safe (score error at most ${number(o.worstScoreError)})`
			: `${mantissaBits} bits are unsafe in ${o.unsafeHeads} heads even so (score error up to ${number(o.worstScoreError)})`;
	const bytes =
		before === undefined || paper === undefined
			? ''
			: `; ${model}’s cache takes ${Math.round(paper.bytesPerToken)} B a token in place of ${Math.round(before.bytesPerToken)}`;
	return `${o.subject.name}: keys in ${name}: ${sorting}; ${safety}${bytes}.`;
}
