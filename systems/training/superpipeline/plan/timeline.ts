/** What two passes of a schedule look like: what is in, computed and out when, and how many weights are on the device. */
import type { Plan } from '../schedule/choose-plan.ts';
import { simulateRing } from '../schedule/pin-and-ring.ts';
import type { Span } from '../schedule/spans.ts';
import type { UnitTimes, Writeback } from '../schedule/units.ts';
import { simulateWindow } from '../schedule/window.ts';

const PASSES = 2;
const MOST_SPANS = 1500;

export interface Timeline {
	readonly spans: readonly Span[];
	/** Bytes of units on the device from each time on; a slot counts from the start of its filling to the end of its emptying. */
	readonly held: readonly { readonly seconds: number; readonly bytes: number }[];
}

export function timelineOf(plan: Plan, times: UnitTimes, weightBytes: Float64Array, writeback: Writeback): Timeline {
	const count = weightBytes.length;
	const total = weightBytes.reduce((sum, one) => sum + one, 0);
	if (plan.kind === 'resident') {
		const { spans, passEnds } = simulateWindow(times, {
			window: count,
			group: 1,
			mode: 'batch',
			writeback,
			passes: PASSES,
			spanLimit: MOST_SPANS,
		});
		return { spans, held: [0, passEnds[PASSES - 1] as number].map((seconds) => ({ seconds, bytes: total })) };
	}
	const options = { writeback, passes: PASSES, spanLimit: MOST_SPANS };
	const { spans } =
		plan.kind === 'window' ? simulateWindow(times, { ...plan, ...options }) : simulateRing(times, { ...plan, ...options });
	const group = plan.kind === 'window' && plan.mode === 'batch' ? plan.group : 1;
	const bytesFrom = (unit: number, length: number): number =>
		Array.from({ length }, (_, i) => weightBytes[(unit + i) % count] as number).reduce((sum, one) => sum + one, 0);
	const changes: { seconds: number; bytes: number }[] = [];
	for (const { lane, unit, start, end } of spans) {
		if (lane === 'in') changes.push({ seconds: start, bytes: bytesFrom(unit, group) });
		else if (lane === 'out') changes.push({ seconds: end, bytes: -bytesFrom(unit, group) });
	}
	if (writeback === 'drop') changes.push(...dropped(plan, spans, bytesFrom));
	let bytes = startBytes(plan, weightBytes);
	const held = [{ seconds: 0, bytes }];
	// What leaves at a moment leaves before what comes at it.
	for (const change of changes.sort((a, b) => a.seconds - b.seconds || a.bytes - b.bytes)) {
		bytes += change.bytes;
		held.push({ seconds: change.seconds, bytes });
	}
	return { spans, held };
}

/** Dropped weights leave when their group, or the streamed unit, has been computed. */
function dropped(plan: Plan, spans: readonly Span[], bytesFrom: (unit: number, length: number) => number) {
	const computed = spans.filter(({ lane }) => lane === 'compute');
	if (plan.kind === 'window') {
		return computed.flatMap(({ end }, i) =>
			(i + 1) % plan.group === 0
				? [{ seconds: end, bytes: -bytesFrom(computed[i - plan.group + 1]?.unit ?? 0, plan.group) }]
				: [],
		);
	}
	if (plan.kind !== 'pin-and-ring') return [];
	return computed
		.filter(({ unit }) => plan.pinned[unit] === 0)
		.map(({ end, unit }) => ({ seconds: end, bytes: -bytesFrom(unit, 1) }));
}

function startBytes(plan: Plan, weightBytes: Float64Array): number {
	let bytes = 0;
	let streamed = 0;
	for (const [unit, one] of weightBytes.entries()) {
		if (
			plan.kind === 'window'
				? unit < plan.window
				: plan.kind === 'pin-and-ring' && (plan.pinned[unit] === 1 || streamed++ < plan.slots)
		)
			bytes += one;
	}
	return bytes;
}
