/** The report of a run: the answer, then the panels of its mode. */
import type { Panel } from '@assay/contract';
import { figure } from './figure.ts';
import type { Outputs } from './outputs.ts';
import { reportCollectives } from './report/collectives.ts';
import { reportGeneration } from './report/generation.ts';
import { reportGoodput } from './report/goodput.ts';
import { reportLedger } from './report/ledger.ts';
import { reportPlan } from './report/plan.ts';
import { reportReshape } from './report/reshape.ts';
import { reportSizing } from './report/sizing.ts';

export function report(outputs: Outputs): Panel[] {
	const { recommendation, model, cluster, plan, collectives, sizing, ledger, goodput, reshape, generation } = outputs;
	const about = [
		...(model === null ? [] : [`Model: ${model.name}, ${figure(model.parameters / 1e9)} billion parameters.`]),
		...(cluster === null
			? []
			: [
					`Machine: ${cluster.name}, ${cluster.devices} devices in ${cluster.nodes} node${cluster.nodes === 1 ? '' : 's'}, ${figure(cluster.achievablePetaflops)} PFLOP/s achievable in all.`,
				]),
	];
	return [
		{ kind: 'text', title: 'Answer', paragraphs: [recommendation, ...about] },
		...(plan === null ? [] : reportPlan(plan)),
		...(collectives === null ? [] : reportCollectives(collectives)),
		...(sizing === null ? [] : reportSizing(sizing)),
		...(ledger === null ? [] : reportLedger(ledger)),
		...(goodput === null ? [] : reportGoodput(goodput)),
		...(reshape === null ? [] : reportReshape(reshape)),
		...(generation === null ? [] : reportGeneration(generation)),
	];
}
