/** The command line. Only commander is loaded before a verb is known; each verb loads what it needs. */
import { Command, CommanderError, Option } from 'commander';
import { addPaperCommands } from './paper-commands.ts';

const format = new Option('--json', 'print one JSON document instead of text');
const inputOptions = (command: Command): Command =>
	command
		.option('--example <name>', 'start from a named example instead of the default inputs')
		.option('--inputs <file>', 'read inputs from a JSON or YAML file')
		.option('--set <path=value>', 'set one input; repeatable', collect, [])
		.option('--seed <integer>', 'seed of the run', '0');

function collect(value: string, previous: string[]): string[] {
	return [...previous, value];
}

export function createProgram(): Command {
	const program = new Command('assay')
		.description(
			'Runs the systems from hardware- and data-efficiency papers on your own model, machine, data or circuit,\nand measures again what each paper claimed.',
		)
		.version('0.1.0')
		.showHelpAfterError("(see 'assay --help')")
		.showSuggestionAfterError()
		.exitOverride();

	inputOptions(program.command('run').argument('<system>', 'slug of a system (see: assay systems list)'))
		.description("run one paper's system on your inputs; `assay run <system> --help` lists them")
		.option('--out <folder>', 'write the report (HTML, SVG, CSV) and the run’s files into a folder')
		.option('--threads <count>', 'threads the run may use (default: all cores)')
		.addOption(format)
		.helpOption(false)
		.option('-h, --help', 'show the inputs of this system')
		.allowUnknownOption()
		.allowExcessArguments()
		.action(async (system: string, options, command: Command) =>
			(await import('./verbs/run.ts')).run(system, options, command.args.slice(1)),
		);

	program
		.command('reproduce')
		.description('measure the published claims of a system (or of all) again')
		.argument('[system]')
		.option('--claim <id>', 'only this claim; repeatable', collect, [])
		.option('--quick', 'only claims that take seconds')
		.option('--seed <integer>', 'seed of the measurements', '0')
		.option('--threads <count>', 'threads to use (default: all cores)')
		.addOption(format)
		.action(async (system: string | undefined, options) => (await import('./verbs/reproduce.ts')).reproduceVerb(system, options));

	program
		.command('advise')
		.description('run every system that applies to a model on a machine, and rank what would pay off')
		.requiredOption('--model <model>', 'a known model, or a config.json')
		.option('--machine <machine>', 'a known machine (64xh100, rtx-4090), or a machine file')
		.option('--machine-file <file>', 'your own machines; --machine then names one of them')
		.option('--goal <goal>', 'serve, train, fine-tune, edge or design-chip', 'train')
		.option('--trace <file>', 'requests to serve, as CSV')
		.option('--budget <dollars>', 'most you would pay: 40$/h of rent, or 2000$ once')
		.option('--hands <count>', 'runs at once (default: all cores)')
		.option('--again', 'run everything again, also what is kept from before')
		.addOption(format)
		.action(async (options) => (await import('./verbs/advise.ts')).adviseVerb(options));

	inputOptions(program.command('sweep').argument('<system>', 'slug of a system'))
		.description(
			'run a system over a grid, a list or random draws of its inputs, or search them for the best; started again, it goes on where it stopped',
		)
		.option('--grid <path=values>', 'axis: a=1,2,3 or a=10..40:5; repeatable', collect, [])
		.option('--random <path=range>', 'range: a=1..10, a=1..100:log or a=1..8:integer; repeatable', collect, [])
		.option('--samples <count>', 'random draws', '100')
		.option(
			'--method <method>',
			'search instead: random, latin-hypercube, sobol, successive-halving, evolution, nsga-ii, annealing or bayesian',
		)
		.option(
			'--vary <path=values>',
			'what a search may change: a=1..10, a=1..100:log, a=1..8:integer, or a=x,y,z; repeatable',
			collect,
			[],
		)
		.option('--minimize <path>', 'output that a search wants small; repeatable', collect, [])
		.option('--maximize <path>', 'output that a search wants large; repeatable', collect, [])
		.option('--keep <bound>', 'output that must keep a bound, as path<=5 or path>=0.9; repeatable', collect, [])
		.option('--evaluations <count>', 'runs of a search in all', '100')
		.option('--population <count>', 'runs in a generation of evolution or nsga-ii', '20')
		.option(
			'--fidelity <path=full>',
			'of successive halving: the input that says how much effort a run takes, and all of it (default: what the system names)',
		)
		.option('--spec <file>', 'read the whole specification from a JSON or YAML file')
		.option('--show <path>', 'output column of the table; repeatable', collect, [])
		.option('--best <path>', 'sort by this output; -path sorts the largest first')
		.option('--saltelli <points>', 'run a design made for Sobol indices of what --vary names: (inputs + 2) runs a point')
		.option('--sensitivity <path>', 'output of which to tell which inputs matter most; repeatable', collect, [])
		.option('--hands <count>', 'runs at once (default: all cores)')
		.option(
			'--executor <executor>',
			'local: this process; distributed: workers (see: assay worker), through DATABASE_URL',
			'local',
		)
		.option('--priority <integer>', 'of a distributed sweep: workers take the higher first', '0')
		.option('--detach', 'of a distributed sweep: hand it over and end')
		.option('--out <folder>', 'write sweep.csv, sweep.jsonl, sweep.json and sweep.parquet into a folder')
		.option('--again', 'forget earlier results of this very sweep')
		.addOption(format)
		.action(async (system: string, options) =>
			options.method === undefined
				? (await import('./verbs/sweep.ts')).sweepVerb(system, options)
				: (await import('./verbs/search.ts')).searchVerb(system, options),
		);

	const sweeps = program.command('sweeps').description('the sweeps and searches kept, and what workers do about them');
	sweeps
		.command('list', { isDefault: true })
		.description('newest first, with how far each is')
		.option('--limit <count>', 'at most so many', '30')
		.addOption(format)
		.action(async (options) => (await import('./verbs/sweeps.ts')).listSweepsVerb(options));
	sweeps
		.command('stop')
		.argument('<sweep>')
		.description('stop a distributed sweep on all workers')
		.action(async (id: string) => (await import('./verbs/sweeps.ts')).stopSweepVerb(id));
	sweeps
		.command('failures')
		.argument('<sweep>')
		.description('the runs that were given up, and why')
		.addOption(format)
		.action(async (id: string, options) => (await import('./verbs/sweeps.ts')).listFailures(id, options));
	sweeps
		.command('continue')
		.argument('<sweep>')
		.description('hand what has no result yet to the workers: what was stopped, and what was given up')
		.option('--priority <integer>', 'workers take the higher first (default: as before)')
		.action(async (id: string, options) => (await import('./verbs/sweeps.ts')).continueSweepVerb(id, options));

	sweeps
		.command('sensitivity')
		.argument('<sweep>')
		.description('which inputs matter most for an output, as shares of what varies in it')
		.requiredOption('--output <path>', 'path of an output; repeatable', collect, [])
		.addOption(format)
		.action(async (id: string, options) => (await import('./verbs/sensitivity.ts')).sensitivityVerb(id, options));

	program
		.command('worker')
		.description('work off distributed sweeps, until Ctrl-C; on any machine that reaches DATABASE_URL')
		.option('--concurrency <count>', 'runs at once (default: all cores)')
		.option('--systems <slugs>', 'only these, parted by commas')
		.option('--time-limit <seconds>', 'most that a run may take here, where its system would let it take longer')
		.option('--memory-limit <GiB>', 'most that the process of a run may hold, where its system would let it hold more')
		.action(async (options) => (await import('./verbs/worker.ts')).workerVerb(options));
	program
		.command('workers')
		.description('who works on what, and since when')
		.addOption(format)
		.action(async (options) => (await import('./verbs/worker.ts')).listWorkersVerb(options));

	program
		.command('serve')
		.description('open the workbench in a browser: papers, systems, runs, claims; and a REST API')
		.option('--host <address>', 'address to listen on (default: 127.0.0.1); beyond loopback needs authentication configured')
		.option('--port <number>', 'port to listen on (default: 4000)')
		.option('--hands <count>', 'runs at once (default: all cores but one)')
		.option('--executor <executor>', 'who works on sweeps: local, or distributed to workers (default: local)')
		.option('--static <folder>', 'write the reading pages and the systems that run in a browser as files, and end')
		.option('--address <url>', 'address the written site will have, for canonical links')
		.action(async (options) => (await import('./verbs/serve.ts')).serveVerb(options));

	const systems = program.command('systems').description('the systems that can be run');
	systems
		.command('list', { isDefault: true })
		.description('all systems')
		.addOption(format)
		.action(async (options) => (await import('./verbs/systems.ts')).listSystems(options));
	systems
		.command('show')
		.argument('<system>')
		.description('question, paper, inputs, examples and claims of a system')
		.addOption(format)
		.action(async (system: string, options) => (await import('./verbs/systems.ts')).showSystem(system, options));

	const runs = program.command('runs').description('the runs kept on this machine');
	runs
		.command('list', { isDefault: true })
		.description('newest first')
		.option('--system <slug>')
		.option('--status <status>')
		.option('--sweep <id>')
		.option('--where <condition>', 'of a sweep: outputs.latencySeconds<=5, inputs.mode=plan; repeatable', collect, [])
		.option('--sort <path>', 'of a sweep: by outputs.latencySeconds, or -outputs.latencySeconds for the greatest first')
		.option('--limit <count>', 'at most so many', '30')
		.addOption(format)
		.action(async (options) => (await import('./verbs/runs.ts')).listRuns(options));
	runs
		.command('show')
		.argument('<run>')
		.description('report of a run')
		.option('--out <folder>', 'write the report and the run’s files into a folder')
		.addOption(format)
		.action(async (id: string, options) => (await import('./verbs/runs.ts')).showRun(id, options));
	runs
		.command('compare')
		.argument('<runs...>', 'two or more runs')
		.description('inputs and outputs side by side, differences marked')
		.option('--all', 'also show what is equal')
		.addOption(format)
		.action(async (ids: string[], options) => (await import('./verbs/runs.ts')).compareVerb(ids, options));
	runs
		.command('export')
		.argument('[runs...]')
		.description('runs as CSV, JSON Lines, JSON or Parquet')
		.requiredOption('--out <file>', 'file name ending in .csv, .jsonl, .json or .parquet')
		.option('--system <slug>')
		.option('--status <status>')
		.option('--sweep <id>')
		.option('--where <condition>', 'of a sweep: outputs.latencySeconds<=5, inputs.mode=plan; repeatable', collect, [])
		.option('--sort <path>', 'of a sweep: by outputs.latencySeconds, or -outputs.latencySeconds for the greatest first')
		.action(async (ids: string[], options) => (await import('./verbs/runs.ts')).exportVerb(ids, options));
	runs
		.command('repeat')
		.argument('<run>')
		.description('run the same inputs and seed again and compare the results byte for byte')
		.addOption(format)
		.action(async (id: string, options) => (await import('./verbs/runs.ts')).repeatRun(id, options));
	runs
		.command('resume')
		.argument('<run>')
		.description('work on a run that was interrupted or stopped')
		.addOption(format)
		.action(async (id: string, options) => (await import('./verbs/runs.ts')).resumeRun(id, options));
	runs
		.command('delete')
		.argument('<runs...>')
		.description('delete runs and their files')
		.addOption(format)
		.action(async (ids: string[], options) => (await import('./verbs/runs.ts')).deleteRuns(ids, options));

	addPaperCommands(program);

	const data = program.command('data').description('external data that systems and claims use');
	data
		.command('list', { isDefault: true })
		.description('name, size, licence, and where it is')
		.addOption(format)
		.action(async (options) => (await import('./verbs/data.ts')).listData(options));
	data
		.command('fetch')
		.argument('[names...]', 'sources (default: all)')
		.description('download into the cache, checking SHA-256')
		.option('--again', 'download even if cached')
		.addOption(format)
		.action(async (names: string[], options) => (await import('./verbs/data.ts')).fetchData(names, options));

	const machines = program.command('machines').description('the catalogue of devices and clusters');
	machines
		.command('list', { isDefault: true })
		.description('all devices and clusters')
		.option('--file <file>', 'also your own, from a JSON or YAML file')
		.addOption(format)
		.action(async (options) => (await import('./verbs/machines.ts')).listMachines(options));
	machines
		.command('show')
		.argument('<machine>', 'h100-sxm, 8xh100, dgx-h100 ...')
		.description('every figure of a machine and its source')
		.option('--file <file>', 'also your own, from a JSON or YAML file')
		.addOption(format)
		.action(async (name: string, options) => (await import('./verbs/machines.ts')).showMachine(name, options));

	const models = program.command('models').description('the zoo of models');
	models
		.command('list', { isDefault: true })
		.description('all models')
		.addOption(format)
		.action(async (options) => (await import('./verbs/models.ts')).listModelsVerb(options));
	models
		.command('show')
		.argument('<model>', 'a name, or a Hugging Face config.json')
		.description('parameters, bytes and operations of a model')
		.addOption(format)
		.action(async (name: string, options) => (await import('./verbs/models.ts')).showModel(name, options));

	program
		.command('formats')
		.argument('[formats...]', 'e4m3, posit(8,1), int8, mxfp4, bfp12_32 ...; all known ones unless told')
		.description('number formats side by side: range, precision, and the error on your values')
		.option('--tensor <file>', 'your values: .npy, .safetensors or numbers as text; normal numbers unless told')
		.option('--name <tensor>', 'which tensor of the file')
		.option('--out <folder>', 'write the report (HTML, SVG, CSV) into a folder')
		.addOption(format)
		.action(async (names: string[], options) => (await import('./verbs/formats.ts')).compareFormats(names, options));

	program
		.command('completion')
		.argument('<shell>', 'bash, zsh or fish')
		.description('print a completion script: source it in your shell')
		.action(async (shell: string) => (await import('./verbs/completion.ts')).printCompletion(shell));
	program
		.command('complete', { hidden: true })
		.argument('[words...]')
		.allowUnknownOption()
		.helpOption(false)
		.action(async (words: string[]) => (await import('./verbs/completion.ts')).complete(words, program));
	return program;
}

/** `npm start` with no further word opens the workbench. */
function wordsOf(words: readonly string[]): string[] {
	return words.length === 2 && process.env['npm_lifecycle_event'] === 'start' ? [...words, 'serve'] : [...words];
}

async function main(): Promise<void> {
	// Output may be cut short by a reader such as `head`; that is not an error.
	process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
	try {
		await createProgram().parseAsync(wordsOf(process.argv));
	} catch (error) {
		if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? 0 : 2;
		else process.exitCode = (await import('./failure.ts')).explainFailure(error);
	}
}

await main();
