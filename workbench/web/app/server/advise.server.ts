/** A question in an address and in a form, and the advice on it as the page shows it. */
import {
	type AdviceSoFar,
	type Advised,
	adviceSoFar,
	answerOf,
	confidenceText,
	gainPlot,
	goals,
	type Question,
	questionSchema,
	subjectOf,
	subjectText,
} from '@assay/advise';
import { parseOrExplain } from '@assay/contract';
import { listClusters, listDevices } from '@assay/machines';
import { listModels } from '@assay/models';
import { keepUpload, openReference, type RunStore } from '@assay/runs';
import type { Services } from '@assay/server';

/** Names of a question's parts, in the address and in the form. */
const PARTS = ['model', 'modelFile', 'machine', 'machineFile', 'goal', 'trace', 'budget'] as const;

/** What each uploaded file may be. */
const FILES = {
	modelFile: ['application/json'],
	machineFile: ['text/plain'],
	trace: ['text/csv'],
} as const;

/** The question of an address, or null where none is asked. Raises an InputError for one that cannot be. */
export function questionOfAddress(query: URLSearchParams): Question | null {
	const given = PARTS.flatMap((part) => {
		const value = query.get(part)?.trim() ?? '';
		return value === '' ? [] : [[part, value] as const];
	});
	return given.some(([part]) => part !== 'goal') ? parseOrExplain(questionSchema, Object.fromEntries(given), []) : null;
}

/** The address of the question that a form asks; its files are kept in the store. */
export async function addressOfForm(form: FormData, store: RunStore): Promise<string> {
	const query = new URLSearchParams();
	for (const part of PARTS) {
		const value = form.get(part);
		if (typeof value === 'string' && value.trim() !== '') query.set(part, value.trim());
	}
	for (const [part, mediaTypes] of Object.entries(FILES)) {
		const file = form.get(`${part}.file`);
		if (file instanceof File && file.size > 0) query.set(part, await keepUpload(store.blobs, file, part, mediaTypes));
	}
	return `/advise?${query}`;
}

export async function adviceOn(services: Services, question: Question): Promise<AdviceSoFar> {
	const { store } = services;
	return adviceSoFar(store, await subjectOf(question, (reference) => openReference(reference, store.blobs)));
}

/** One technique as the page shows it. */
export function adviceItem(item: Advised) {
	const { confidence, ...rest } = item;
	return { ...rest, confidence: { level: confidence.level, text: confidenceText(confidence) } };
}

/** Everything the page shows of an advice. */
export function advicePage(advice: AdviceSoFar) {
	const { ranking, pending, notApplicable, failed, subject } = advice;
	return {
		title: subjectText(subject),
		answer: answerOf(advice),
		ranking: ranking.map(adviceItem),
		plot: ranking.some(({ gains }) => Object.keys(gains).length > 0) ? gainPlot(ranking) : null,
		pending,
		notApplicable,
		failed,
		isCalibrated: ranking.every(({ confidence }) => confidence.calibration.complete),
	};
}

/** What the form offers. */
export function adviceChoices() {
	return {
		goals,
		models: listModels().map(({ name }) => name),
		machines: [...listClusters(), ...listDevices()].flatMap(({ name }) => name ?? []),
	};
}
