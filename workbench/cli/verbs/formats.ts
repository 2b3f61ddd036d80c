/** `assay formats`: number formats side by side, on a tensor of one's own or on normal numbers. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createRandom } from '@assay/contract';
import { readTensor } from '@assay/models/tensors';
import { FORMAT_NAMES, formatPanels, parseFormat } from '@assay/numerics';
import { textReport } from '@assay/report/text';
import { openFile } from '@assay/sources';
import { workingFolder } from '../read-inputs.ts';
import { note, print, printJson, terminalStyle } from '../terminal.ts';

const SAMPLE_VALUES = 20_000;

export async function compareFormats(
	names: readonly string[],
	options: { readonly tensor?: string; readonly name?: string; readonly out?: string; readonly json?: true },
): Promise<void> {
	const formats = (names.length > 0 ? names : FORMAT_NAMES).map((name, index) => parseFormat(name, ['formats', index]));
	const random = createRandom(1);
	const tensor =
		options.tensor === undefined
			? Float32Array.from({ length: SAMPLE_VALUES }, () => random.normal())
			: (await readTensor(await openFile(resolve(workingFolder(), options.tensor)), options.name)).values;
	const what =
		options.tensor === undefined ? `${SAMPLE_VALUES} normal numbers` : `the values of ${options.name ?? options.tensor}`;
	const panels = formatPanels(formats, tensor, what);
	if (options.out !== undefined) {
		const folder = resolve(workingFolder(), options.out);
		const file = options.tensor === undefined ? '' : ` --tensor ${options.tensor}`;
		const head = {
			title: 'Number formats',
			headline: `${formats.length} formats on ${what}`,
			facts: [['Formats', formats.map(({ name }) => name).join(', ')] as const],
			command: `assay formats ${formats.map(({ name }) => `'${name}'`).join(' ')}${file}`,
			inputs: { formats: formats.map(({ name }) => name), tensor: options.tensor ?? null },
		};
		await mkdir(folder, { recursive: true });
		const { reportFiles } = await import('@assay/report');
		for (const [name, content] of reportFiles(head, panels)) await writeFile(join(folder, name), content);
		note(`report: ${folder}/report.html`);
	}
	if (options.json === true) return printJson({ panels });
	print(textReport(panels, terminalStyle()));
}
