/** The modes of a run, from checked inputs to plain outputs. */
import type { RunContext } from '@assay/contract';
import type { Inputs } from './inputs.ts';
import { runCollectives } from './modes/collectives.ts';
import { runGenerate } from './modes/generate.ts';
import { runGoodput } from './modes/goodput.ts';
import { runLedger } from './modes/ledger.ts';
import { runPlan } from './modes/plan.ts';
import { runReshape } from './modes/reshape.ts';
import { runSizing } from './modes/sizing.ts';
import type { Outputs } from './outputs.ts';
import {
	type PreparedCluster,
	type PreparedModel,
	prepareCluster,
	prepareFailures,
	prepareModel,
	prepareNetwork,
} from './prepare.ts';

const nothing = {
	model: null,
	cluster: null,
	plan: null,
	collectives: null,
	sizing: null,
	ledger: null,
	goodput: null,
	reshape: null,
	generation: null,
};

export async function run(inputs: Inputs, context: RunContext): Promise<Outputs> {
	context.progress(0, 'reading');
	await context.pause();
	const found = await runMode(inputs, context);
	await context.pause();
	context.progress(1, 'done');
	return { ...nothing, ...found };
}

type Found = Partial<Outputs> & Pick<Outputs, 'recommendation'>;

async function runMode(inputs: Inputs, context: RunContext): Promise<Found> {
	if (inputs.mode === 'reshape') return runReshape(inputs, context);
	if (inputs.mode === 'generate') return runGenerate(inputs, context);
	if (inputs.mode === 'collectives') {
		const prepared = await prepareCluster(inputs, context);
		return { ...(await runCollectives(inputs, prepared, context)), cluster: clusterFacts(prepared) };
	}
	const model = await prepareModel(inputs, context);
	if (inputs.mode === 'ledger') return { ...runLedger(inputs, model), model: modelFacts(model) };
	const prepared = await prepareCluster(inputs, context);
	const facts = { model: modelFacts(model), cluster: clusterFacts(prepared) };
	if (inputs.mode === 'sizing') return { ...(await runSizing(inputs, model, prepared, context)), ...facts };
	const failures = await prepareFailures(inputs, prepared.cluster, context);
	if (inputs.mode === 'goodput') return { ...(await runGoodput(inputs, model.sized, prepared, failures, context)), ...facts };
	const network = await prepareNetwork(inputs, prepared.cluster, context);
	return { ...(await runPlan(inputs, model, prepared, network, failures, context)), ...facts };
}

const modelFacts = ({ sized }: PreparedModel): NonNullable<Outputs['model']> => ({
	name: sized.name,
	parameters: sized.parameters.total,
});

const clusterFacts = ({ cluster, devices, rates }: PreparedCluster): NonNullable<Outputs['cluster']> => ({
	name: cluster.name,
	devices,
	nodes: cluster.nodes,
	devicesPerNode: cluster.devicesPerNode,
	achievablePetaflops: (devices * rates.achievableFlopsPerSecond) / 1e15,
});
