/**
 * Sorts the channels of keys in safetensors files of any size, on disk and without loading them:
 * `node systems/quantization/bfp-outliers/rewrite-command.ts [--order free|pair|rising] <config.json> <target folder> <file.safetensors>...`.
 * All files of a checkpoint are given together; they are read twice. Orders go to permutation.json in the target folder.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createContext, InputError, nearestName } from '@assay/contract';
import { resolveModel } from '@assay/models';
import { CHANNEL_ORDERS, channelOrder } from './ksort/channel-order.ts';
import { headScores } from './ksort/head-scores.ts';
import { attentionShape } from './weights/attention-shape.ts';
import { readLayers } from './weights/layer-reader.ts';
import { permutationJson } from './weights/permutation-file.ts';
import { rewritePlan, rewriteSafetensors, type StoredOrders } from './weights/rewrite.ts';
import type { ByteStream } from './weights/safetensors-stream.ts';

/** Bytes read at once. */
const PIECE_BYTES = 1 << 20;

// npm runs scripts in the package's folder and tells where the user stood.
const here = process.env['INIT_CWD'] ?? process.cwd();
async function fileStream(path: string): Promise<ByteStream> {
	const { size } = await stat(path);
	return { name: basename(path), bytes: size, stream: () => createReadStream(path, { highWaterMark: PIECE_BYTES }) };
}

/** A crash leaves no part of a file under its name. */
async function writeRewritten(path: string, pieces: AsyncIterable<Uint8Array>): Promise<void> {
	const draft = `${path}.part`;
	try {
		const file = await open(draft, 'w');
		try {
			for await (const piece of pieces) await file.writeFile(piece);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(draft, path);
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	}
}

try {
	const { values, positionals } = parseArgs({ options: { order: { type: 'string', default: 'free' } }, allowPositionals: true });
	const [configFile, target, ...names] = positionals.map((name) => resolve(here, name));
	const kind = CHANNEL_ORDERS.find((order) => order === values.order);
	if (kind === undefined)
		throw new InputError({
			path: ['--order'],
			found: values.order,
			expected: `one of ${CHANNEL_ORDERS.join(', ')}`,
			nearest: nearestName(values.order, CHANNEL_ORDERS),
		});
	if (configFile === undefined || target === undefined || names.length === 0)
		throw new InputError({
			path: ['command line'],
			found: `${positionals.length} arguments`,
			expected: '<config.json> <target folder> <file.safetensors>...',
		});
	const config: unknown = JSON.parse(await readFile(configFile, 'utf8'));
	const shape = attentionShape(resolveModel(config, [basename(configFile)]), config, { convention: 'auto' }, [
		basename(configFile),
	]);
	const files = await Promise.all(names.map(fileStream));
	await mkdir(target, { recursive: true });
	for (const [index, { name }] of files.entries())
		if (join(target, name) === names[index])
			throw new InputError({ path: ['target folder'], found: target, expected: 'another folder than that of the files' });
	const layers: StoredOrders[] = [];
	await readLayers(files, shape, ['key'], createContext().pause, async (layer) => {
		const orders = headScores(layer, shape, 'row-norm').map((scores) => channelOrder(scores, shape.rotary, kind));
		layers.push({ layer: layer.layer, tensors: layer.tensors, isGainShared: layer.isGainShared, orders });
	});
	layers.sort((a, b) => a.layer - b.layer);
	const plan = rewritePlan(layers, shape);
	for (const file of files) await writeRewritten(join(target, file.name), rewriteSafetensors(file, plan));
	await writeFile(join(target, 'permutation.json'), permutationJson(layers, shape, kind, 'row-norm'));
	process.stdout.write(
		`${target}: ${files.length} file${files.length === 1 ? '' : 's'} rewritten, ${layers.length} layer${layers.length === 1 ? '' : 's'} of ${shape.keyValueHeads} key heads sorted; permutation.json says how\n`,
	);
} catch (error) {
	const user =
		error instanceof InputError ||
		error instanceof SyntaxError ||
		(error instanceof Error && 'code' in error && /^(ENOENT|ERR_PARSE_ARGS)/.test(String(error.code)));
	if (!user) throw error;
	process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
	process.exitCode = 1;
}
