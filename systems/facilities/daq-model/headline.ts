/** The answer in one line. */
import type { MetricsOutput, Outputs } from './outputs.ts';
import { formatWithPrefix } from './prefix.ts';

export function headline({ metrics, baseline, noise }: Outputs): string {
	const spread = noise === null ? '' : ` (± ${noise.f1Deviation.toPrecision(2)} from seed to seed)`;
	const f1 = metrics.f1 === null ? 'no classifier' : `F1 ${metrics.f1.toFixed(4)}${spread}`;
	const productivity =
		metrics.relevantSamplesPerKJ === null ? '' : `, ${Number(metrics.relevantSamplesPerKJ.toPrecision(4))} relevant samples/kJ`;
	return `${formatWithPrefix(metrics.scaledPowerW, 'W')}, ${f1}${productivity}${against(metrics, baseline)}.`;
}

/** How the system differs from the one without upgrades and changes. */
function against(metrics: MetricsOutput, baseline: MetricsOutput): string {
	if (metrics.scaledPowerW === baseline.scaledPowerW && metrics.relevantSamplesPerKJ === baseline.relevantSamplesPerKJ) return '';
	const power = baseline.scaledPowerW > 0 ? `${signed(100 * (metrics.scaledPowerW / baseline.scaledPowerW - 1))} % power` : '';
	const before = baseline.relevantSamplesPerKJ;
	const after = metrics.relevantSamplesPerKJ;
	const yields =
		before !== null && before > 0 && after !== null ? `${Number((after / before).toPrecision(3))} times the samples/kJ` : '';
	const changes = [power, yields].filter((part) => part !== '').join(', ');
	return changes === '' ? '' : `: ${changes} of the unchanged system`;
}

const signed = (percent: number): string => `${percent >= 0 ? '+' : '−'}${Math.abs(percent).toFixed(1)}`;
