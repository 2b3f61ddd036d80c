/** Builds what the inputs ask for: the system, the same system without the changes, and the triggers of the user's own. */
import { InputError, type RunContext, show } from '@assay/contract';
import { type CmsConfiguration, cmsSystem } from './cms.ts';
import { readCurve, readPairs } from './curve-file.ts';
import type { SystemDescription } from './graph.ts';
import type { Inputs, OwnSystem, OwnTrigger } from './inputs.ts';
import { graphFromJson, graphFromJsonText } from './json-graph.ts';
import { parseChanges, withSettings } from './parameters.ts';
import { fitThroughOrigin } from './polynomial.ts';
import { parseCsv, systemFromTables } from './tables.ts';
import type { Trigger, TriggerPath } from './trigger.ts';
import { systemFromWorkbook } from './workbook.ts';

type Open = Pick<RunContext, 'open'>;

/** A system of CMS as the inputs configure it; undefined for a system of the user's own. */
export function cmsConfiguration(inputs: Inputs): CmsConfiguration | undefined {
	if (inputs.system === 'own') return undefined;
	const { pileUp, l1tRatio, gpuHlt, l1Tracks, smartSensors, microLed } = inputs;
	return { run: inputs.system === 'cms-run-3' ? 'run-3' : 'run-5', pileUp, l1tRatio, gpuHlt, l1Tracks, smartSensors, microLed };
}

/** The system asked for, and the one it is compared with: the run as published, or the user's system without changes. */
export async function systemsOf(
	inputs: Inputs,
	context: Open,
): Promise<{ system: SystemDescription; baseline: SystemDescription }> {
	const configuration = cmsConfiguration(inputs);
	if (configuration !== undefined && inputs.own !== undefined) {
		throw new InputError({
			path: ['system'],
			found: show(inputs.system),
			expected: '"own", where own is filled in',
			nearest: 'own',
		});
	}
	const unchanged = configuration === undefined ? await ownSystem(inputs, context) : cmsSystem(configuration);
	const changes = parseChanges(inputs.changes, unchanged, ['changes']);
	const baseline = configuration === undefined ? unchanged : cmsSystem({ run: configuration.run });
	return { system: withSettings(unchanged, changes), baseline };
}

async function ownSystem(inputs: Inputs, context: Open): Promise<SystemDescription> {
	const cmsOnly = (['pileUp', 'l1tRatio'] as const).find((name) => inputs[name] !== undefined);
	const upgrade = (['gpuHlt', 'l1Tracks', 'smartSensors', 'microLed'] as const).find((name) => inputs[name]);
	const misplaced = cmsOnly ?? upgrade;
	if (misplaced !== undefined) {
		throw new InputError({
			path: [misplaced],
			found: show(inputs[misplaced]),
			expected: 'nothing for a system of your own; use changes',
		});
	}
	const own = inputs.own;
	if (own === undefined)
		throw new InputError({ path: ['own'], found: 'nothing', expected: 'a workbook, three tables or a graph' });
	return fitComplexities(await readOwn(own, context), own, context);
}

async function readOwn(own: OwnSystem, context: Open): Promise<SystemDescription> {
	const tables = own.detectors ?? own.processors ?? own.global;
	const given = [own.workbook, tables, own.graphFile, own.graph].filter((one) => one !== undefined).length;
	if (given !== 1) {
		throw new InputError({
			path: ['own'],
			found: `${given} systems`,
			expected: 'one: a workbook, three tables, a graph file or a graph',
		});
	}
	if (own.graph !== undefined) return graphFromJson(own.graph, ['own', 'graph']);
	if (own.graphFile !== undefined) {
		const file = await context.open(own.graphFile);
		return graphFromJsonText(await file.text(), file.name);
	}
	if (own.workbook !== undefined) {
		const file = await context.open(own.workbook);
		return systemFromWorkbook(await file.arrayBuffer(), file.name);
	}
	const [detectors, processors, global] = await Promise.all(
		(['detectors', 'processors', 'global'] as const).map(async (name) => {
			const reference = own[name];
			if (reference === undefined)
				throw new InputError({ path: ['own', name], found: 'nothing', expected: `the table of ${name}` });
			const file = await context.open(reference);
			return { table: parseCsv(await file.text(), file.name), place: [file.name] };
		}),
	);
	if (!detectors || !processors || !global) throw new RangeError('a table is missing');
	return systemFromTables({ detectors, processors, global }, ['own']);
}

async function fitComplexities(description: SystemDescription, own: OwnSystem, context: Open): Promise<SystemDescription> {
	let fitted = description;
	for (const [index, { node, table, degree }] of own.complexities.entries()) {
		const known = [...fitted.detectors, ...fitted.processors].some((one) => one.name === node);
		if (!known)
			throw new InputError({ path: ['own', 'complexities', index, 'node'], found: show(node), expected: 'a node of the system' });
		const file = await context.open(table);
		const { x, y } = await readPairs(file);
		const complexity = fitThroughOrigin(x, y, degree, [file.name]);
		fitted = {
			...fitted,
			detectors: fitted.detectors.map((one) => (one.name === node ? { ...one, complexity } : one)),
			processors: fitted.processors.map((one) => (one.name === node ? { ...one, complexity } : one)),
		};
	}
	return fitted;
}

/** The user's own triggers. */
export async function ownTriggers(triggers: readonly OwnTrigger[], context: Open): Promise<Trigger[]> {
	const built: Trigger[] = [];
	for (const [index, trigger] of triggers.entries()) {
		const place = ['triggers', index] as const;
		if (['Dummy', 'Gaussian'].includes(trigger.name) || built.some((one) => one.name === trigger.name)) {
			throw new InputError({ path: [...place, 'name'], found: show(trigger.name), expected: 'a name not yet taken' });
		}
		const paths = await Promise.all(trigger.paths.map((path, at) => ownPath(path, [...place, 'paths', at], context)));
		built.push({ name: trigger.name, paths, events: eventsOf(trigger, place) });
	}
	return built;
}

async function ownPath(
	path: OwnTrigger['paths'][number],
	place: readonly (string | number)[],
	context: Open,
): Promise<TriggerPath> {
	if ((path.curve === undefined) === (path.points === undefined)) {
		throw new InputError({
			path: place,
			found: path.curve === undefined ? 'no curve' : 'a curve and points',
			expected: 'either curve or points',
		});
	}
	if (path.lowestRatePerGeV >= path.highestRatePerGeV) {
		throw new InputError({
			path: [...place, 'lowestRatePerGeV'],
			found: show(path.lowestRatePerGeV),
			expected: `less than highestRatePerGeV, ${path.highestRatePerGeV}`,
		});
	}
	const points =
		path.curve !== undefined
			? await readCurve(await context.open(path.curve))
			: {
					energiesGeV: (path.points ?? []).map(([energy]) => energy),
					efficiencies: (path.points ?? []).map(([, efficiency]) => efficiency),
				};
	return {
		name: path.name,
		points,
		interpolation: path.interpolation,
		outside: path.interpolation === 'pchip' ? 'extrapolate' : 'step',
		firingRate: path.firingRate,
		...(path.thresholdGeV !== undefined && { thresholdGeV: path.thresholdGeV }),
		rateBounds: [path.lowestRatePerGeV, path.highestRatePerGeV],
		widening: 1,
	};
}

function eventsOf(trigger: OwnTrigger, place: readonly (string | number)[]): Trigger['events'] {
	if (trigger.combinations === undefined) {
		const weights = trigger.paths.map((path) => path.firingRate);
		if (weights.every((weight) => weight === 0)) {
			throw new InputError({ path: [...place, 'paths'], found: 'no path that ever fires', expected: 'a firing rate above 0' });
		}
		return { kind: 'one-path', weights, relevant: 'above-threshold' };
	}
	const names = trigger.paths.map((path) => path.name);
	const total = trigger.combinations.reduce((sum, one) => sum + one.probability, 0);
	if (Math.abs(total - 1) > 1e-6) {
		throw new InputError({ path: [...place, 'combinations'], found: `probabilities that add up to ${total}`, expected: '1' });
	}
	const combinations = trigger.combinations.map(({ probability, fires }, index) => {
		const unknown = fires.find((name) => !names.includes(name));
		if (unknown !== undefined) {
			throw new InputError({
				path: [...place, 'combinations', index, 'fires'],
				found: show(unknown),
				expected: `one of ${names.join(', ')}`,
			});
		}
		return { probability, fires: names.map((name) => fires.includes(name)) };
	});
	return { kind: 'combinations', combinations };
}
