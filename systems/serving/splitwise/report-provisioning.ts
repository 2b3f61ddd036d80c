/** The report of a provisioning search: the best clusters, and the map of what suffices. */
import type { Panel, PlotPanel, Row } from '@assay/contract';
import type { ProvisioningOutput } from './outputs.ts';

type Search = ProvisioningOutput['searches'][number];

export function reportProvisioning(provisioning: ProvisioningOutput): Panel[] {
	const kinds = [
		['cheapest', 'cheapest'],
		['leastPower', 'least power'],
		['fewestMachines', 'fewest machines'],
	] as const;
	const rows: Row[] = provisioning.searches.flatMap((search) =>
		kinds.map(([key, best]): Row => {
			const cluster = search[key];
			return {
				design: search.label,
				rate: search.requestsPerSecond,
				best,
				prompts: cluster?.promptMachines ?? null,
				tokens: cluster?.tokenMachines ?? null,
				dollars: cluster?.dollarsPerHour ?? null,
				power: cluster?.relativePower ?? null,
				watts: cluster?.serverWatts ?? null,
				machines: cluster?.machines ?? null,
			};
		}),
	);
	return [
		{
			kind: 'table',
			title: 'Clusters that meet every objective',
			note: 'Empty rows: none within the grid.',
			columns: [
				{ key: 'design', label: 'Design' },
				{ key: 'rate', label: 'Rate', unit: 'requests/s' },
				{ key: 'best', label: 'Best by' },
				{ key: 'prompts', label: 'Prompt machines' },
				{ key: 'tokens', label: 'Token machines' },
				{ key: 'dollars', label: 'Rent', unit: '$/h' },
				{ key: 'power', label: 'Power', unit: 'DGX-H100' },
				{ key: 'watts', label: 'Server power', unit: 'W' },
				{ key: 'machines', label: 'Machines' },
			],
			rows,
		},
		relativeBars(provisioning),
		...provisioning.searches
			.filter(({ frontier }) => frontier.some(({ tokenMachines }) => tokenMachines > 0))
			.map((search) => heatMap(search, provisioning)),
		searchTable(provisioning),
	];
}

/** The cheapest cluster of every design against the first design that has one. */
function relativeBars({ searches }: ProvisioningOutput): PlotPanel {
	const found = searches.flatMap(({ label, requestsPerSecond, cheapest }) =>
		cheapest === null ? [] : [{ label, requestsPerSecond, cheapest }],
	);
	const base = found[0]?.cheapest;
	const data = found.flatMap(({ label, requestsPerSecond, cheapest }) => {
		const design = `${label} @ ${requestsPerSecond}/s`;
		const share = (value: number, whole: number | undefined): number | null =>
			whole !== undefined && whole > 0 ? value / whole : null;
		return [
			{ design, what: 'cost', value: share(cheapest.dollarsPerHour, base?.dollarsPerHour) },
			{ design, what: 'power', value: share(cheapest.relativePower, base?.relativePower) },
			{ design, what: 'space', value: share(cheapest.machines, base?.machines) },
		];
	});
	return {
		kind: 'plot',
		title: 'Cost, power and space of the cheapest clusters',
		note:
			found[0] === undefined
				? 'No design meets the objectives within the grid.'
				: `Relative to ${found[0].label} at ${found[0].requestsPerSecond} requests/s.`,
		x: { label: 'Design', scale: 'band' },
		y: { label: 'Relative', zero: true },
		color: { label: 'Design' },
		marks: [{ mark: 'bar', data, x: 'design', y: 'value', along: 'y', color: 'design', facet: 'what' }],
	};
}

function heatMap(search: Search, { maxTokenMachines }: ProvisioningOutput): PlotPanel {
	const cells: Row[] = [];
	const cost = costPerMachine(search);
	for (const { promptMachines, tokenMachines } of search.frontier) {
		for (let tokens = tokenMachines; tokens <= maxTokenMachines; tokens++) {
			cells.push({ prompts: promptMachines, tokens, dollars: cost(promptMachines, tokens) });
		}
	}
	const frontier = search.frontier.map(({ promptMachines, tokenMachines }) => ({
		prompts: promptMachines,
		tokens: tokenMachines,
	}));
	return {
		kind: 'plot',
		title: `What suffices: ${search.label} at ${search.requestsPerSecond} requests/s`,
		note: 'Coloured cells meet every objective; dots mark the frontier, the fewest token machines for each number of prompt machines.',
		x: { label: 'Prompt machines', unit: 'machines' },
		y: { label: 'Token machines', unit: 'machines' },
		color: { label: 'Rent', unit: '$/h' },
		marks: [
			{ mark: 'cell', data: cells, x: 'prompts', y: 'tokens', value: 'dollars' },
			{ mark: 'dot', data: frontier, x: 'prompts', y: 'tokens' },
		],
	};
}

/** Rent is linear in both counts: its two prices follow from two frontier points, or from one if the machines are alike. */
function costPerMachine({ frontier }: Search): (prompts: number, tokens: number) => number {
	const first = frontier[0];
	if (first === undefined) return () => 0;
	for (const other of frontier) {
		const determinant = first.promptMachines * other.tokenMachines - other.promptMachines * first.tokenMachines;
		if (determinant === 0) continue;
		const prompt = (first.dollarsPerHour * other.tokenMachines - other.dollarsPerHour * first.tokenMachines) / determinant;
		const token = (first.promptMachines * other.dollarsPerHour - other.promptMachines * first.dollarsPerHour) / determinant;
		return (prompts, tokens) => prompt * prompts + token * tokens;
	}
	return (prompts, tokens) => (first.dollarsPerHour / first.machines) * (prompts + tokens);
}

function searchTable({ searches }: ProvisioningOutput): Panel {
	return {
		kind: 'table',
		title: 'How much was simulated',
		columns: [
			{ key: 'design', label: 'Design' },
			{ key: 'rate', label: 'Rate', unit: 'requests/s' },
			{ key: 'simulated', label: 'Clusters simulated' },
			{ key: 'implied', label: 'Judged by others’ verdicts' },
		],
		rows: searches.map(({ label, requestsPerSecond, simulated, implied }) => ({
			design: label,
			rate: requestsPerSecond,
			simulated,
			implied,
		})),
	};
}
