/** Reshapes the user's files and leaves the new ones, their layout and a manifest. */
import { InputError, type RunContext } from '@assay/contract';
import type { Inputs } from '../inputs.ts';
import type { ReshapeOutput } from '../outputs.ts';
import { parseLayoutText } from '../reshape/layout.ts';
import { holdFiles, reshapeFiles } from '../reshape/reshape-files.ts';

/** Rows of a manifest that go into the outputs; the file has all. */
const mostRows = 500;

export async function runReshape(
	inputs: Inputs,
	context: RunContext,
): Promise<{ reshape: ReshapeOutput; recommendation: string }> {
	const { files, sourceLayout, targetLayout, limitGibibytes } = inputs.reshape;
	if (files.length === 0)
		throw new InputError({ path: ['reshape', 'files'], found: 'no files', expected: 'the safetensors files of a checkpoint' });
	if (targetLayout === undefined)
		throw new InputError({
			path: ['reshape', 'targetLayout'],
			found: 'nothing',
			expected: 'a layout as JSON, such as {"parallel": {"tensor": 2}}',
		});
	const read = async (reference: string) => {
		const file = await context.open(reference);
		return { name: file.name, text: await file.text(1 << 22) };
	};
	const source = sourceLayout === undefined ? { name: 'source layout', text: '{}' } : await read(sourceLayout);
	const target = await read(targetLayout);
	const layouts = { source: parseLayoutText(source.text, source.name), target: parseLayoutText(target.text, target.name) };
	const limitBytes = limitGibibytes * 2 ** 30;
	const held = await holdFiles(await Promise.all(files.map((reference) => context.open(reference))), limitBytes);
	context.progress(0.1, 'read');
	const {
		plan,
		result,
		files: made,
	} = await reshapeFiles({
		files: held,
		sourceLayout: layouts.source,
		targetLayout: layouts.target,
		limitBytes,
		pause: context.pause,
		onProgress: (fraction, note) => context.progress(0.1 + 0.8 * fraction, note),
	});
	for (const { name, bytes } of made) await context.artifact(name, bytes, 'application/octet-stream');
	await context.artifact('layout.json', target.text, 'application/json');
	await context.artifact('manifest.json', `${JSON.stringify({ tensors: result.manifest }, null, '\t')}\n`, 'application/json');
	return {
		reshape: {
			tensors: result.manifest.length,
			bytes: result.bytes,
			runs: result.runs,
			files: made.map(({ name, bytes }) => ({ name, bytes: bytes.byteLength })),
			traffic: [...result.traffic].sort((a, b) => b.bytes - a.bytes).slice(0, mostRows),
			manifest: result.manifest
				.slice(0, mostRows)
				.map(({ name, dtype, shape, sha256 }) => ({ name, dtype, shape: `[${shape.join(', ')}]`, sha256 })),
			optimizerImbalance: plan.target.optimizerImbalance,
		},
		recommendation: `${result.manifest.length} tensors went from ${held.length} to ${made.length} files in ${result.runs} runs of bytes; every tensor has the SHA-256 that it had before.`,
	};
}
