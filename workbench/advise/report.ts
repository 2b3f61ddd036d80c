/** Advice as panels: the same on a terminal and on a page. */
import type { Panel, PlotPanel, Row } from '@assay/contract';
import type { Advice } from './advice.ts';
import { confidenceText } from './confidence.ts';
import { type Advised, decidingGain, type Measure } from './ranking.ts';
import { subjectText } from './subject.ts';

const MEASURES = ['throughput', 'latency', 'memory', 'energy', 'cost', 'quality'] as const satisfies readonly Measure[];

/** `1.23`, or nothing. */
const ratio = (value: number | undefined): number | null => value ?? null;

/** The answer, the ranking, then each technique with what it takes and how sure it is, and what does not apply. */
export function advicePanels(advice: Advice): Panel[] {
	const { ranking, notApplicable, failed } = advice;
	return [
		{ kind: 'text', title: `Advice for ${subjectText(advice.subject)}`, paragraphs: [answerOf(advice)] },
		...(ranking.length === 0 ? [] : [rankingTable(ranking), gainPlot(ranking)]),
		...ranking.map(techniquePanel),
		...listPanel(
			'What does not apply',
			notApplicable.map(({ system, reason }) => `${system}: ${reason}.`),
		),
		...listPanel(
			'What could not be run',
			failed.map(({ system, run, message }) => `${system}${run === null ? '' : `, run ${run}`}: ${message}`),
		),
	];
}

function listPanel(title: string, paragraphs: readonly string[]): Panel[] {
	return paragraphs.length === 0 ? [] : [{ kind: 'text', title, paragraphs }];
}

/** Everything about one technique, in words. */
function techniquePanel(item: Advised): Panel {
	const { title, headline, against, enables, costs, confidence, command, paper, run } = item;
	const takes = Object.entries(costs).map(([what, text]) => `${what}: ${text}`);
	return {
		kind: 'text',
		title: `${item.system}: ${title}`,
		paragraphs: [
			headline,
			...(enables === null ? [] : [`Without it this cannot be done: ${enables}.`]),
			`Against ${against}.`,
			...(takes.length === 0 ? [] : [`It takes: ${takes.join('; ')}.`]),
			`Confidence ${confidence.level}. ${confidenceText(confidence)}.`,
			`Run ${run}; again with: ${command}`,
			`Paper: ${paper.title}, https://arxiv.org/abs/${paper.arxiv}`,
		],
	};
}

/** The first thing to know, in a sentence or two. */
export function answerOf({ ranking, subject, pending }: Advice): string {
	const [first, second] = ranking;
	const waiting = pending.length === 0 ? '' : ` ${pending.length} more under way.`;
	if (first === undefined)
		return pending.length > 0 ? `Nothing is known yet.${waiting}` : 'None of the techniques that Assay can run applies to it.';
	if (first.verdict === 'enables') return `${first.title} makes it possible: ${first.enables}.${waiting}`;
	if (first.verdict !== 'pays') return `None of the ${ranking.length} techniques that apply pays off.${waiting}`;
	const says = (item: Advised): string => {
		const gain = decidingGain(item.gains, subject.goal);
		return gain === undefined
			? item.title
			: `${item.title}, ${factor(gain.ratio)} ${nameOf(gain.measure)} (against ${item.against})`;
	};
	const also =
		second?.verdict === 'pays' ? ` Next: ${says(second)}. Their gains do not multiply: no run of both together was made.` : '';
	return `What pays most: ${says(first)}.${also}${waiting}`;
}

/** One line for a technique as it comes in. */
export function adviceLine(item: Advised, goal: Advice['subject']['goal']): string {
	const gain = decidingGain(item.gains, goal);
	if (item.verdict === 'enables') return `${item.system}: makes it possible (${item.enables})`;
	return gain === undefined
		? `${item.system}: ${item.verdict}`
		: `${item.system}: ${factor(gain.ratio)} ${nameOf(gain.measure)}, ${item.verdict}`;
}

const factor = (value: number): string => `${Number(value.toPrecision(3))} times`;

function nameOf(measure: Measure): string {
	const names: Record<Measure, string> = {
		throughput: 'the throughput',
		latency: 'as fast to answer',
		memory: 'less memory',
		energy: 'less energy',
		cost: 'cheaper',
		quality: 'the quality',
	};
	return names[measure];
}

function rankingTable(ranking: readonly Advised[]): Panel {
	const used = MEASURES.filter((measure) => ranking.some(({ gains }) => gains[measure] !== undefined));
	return {
		kind: 'table',
		title: 'Ranking',
		note: 'Gains are ratios of two figures of the same run, with and without the technique; above 1 is better. Each technique stands alone: no gain is multiplied by another’s.',
		columns: [
			{ key: 'system', label: 'Technique' },
			{ key: 'verdict', label: 'Verdict' },
			...used.map((measure) => ({ key: measure, label: measure[0]?.toUpperCase() + measure.slice(1), unit: '×', digits: 3 })),
			{ key: 'confidence', label: 'Confidence' },
			{ key: 'run', label: 'Run' },
		],
		rows: ranking.map(
			({ system, verdict, gains, confidence, run }): Row => ({
				system,
				verdict,
				...Object.fromEntries(used.map((measure) => [measure, ratio(gains[measure])])),
				confidence: confidence.level,
				run,
			}),
		),
	};
}

/** Every gain as a dot on one axis of ratios. */
export function gainPlot(ranking: readonly Advised[]): PlotPanel {
	const data = ranking.flatMap(({ system, gains }) =>
		MEASURES.flatMap((measure) => {
			const value = gains[measure];
			return value === undefined ? [] : [{ system, measure, gain: value }];
		}),
	);
	return {
		kind: 'plot',
		title: 'Gains side by side',
		note: 'Each dot is one ratio of one technique’s run; right of the line is better.',
		x: { label: 'with the technique over without it', unit: '×', scale: 'log' },
		y: { label: 'Technique', scale: 'band' },
		color: { label: 'What' },
		marks: [
			{ mark: 'rule', x: 1, label: 'no difference' },
			{ mark: 'dot', data, x: 'gain', y: 'system', color: 'measure' },
		],
	};
}
