/** Panels of a reshaped checkpoint. */
import type { Panel } from '@assay/contract';
import type { ReshapeOutput } from '../outputs.ts';

/** Files beyond this make a flow unreadable. */
const mostFiles = 24;

export function reportReshape(found: ReshapeOutput): Panel[] {
	const sources = [...new Set(found.traffic.map(({ source }) => source))];
	const targets = [...new Set(found.traffic.map(({ target }) => target))];
	const flow: Panel[] =
		found.traffic.length === 0 || sources.length + targets.length > mostFiles
			? []
			: [
					{
						kind: 'flow',
						title: 'From file to file',
						note: 'Bytes that went from each file brought to each file made.',
						unit: 'B',
						nodes: [
							...sources.map((name) => ({ id: `source ${name}`, label: name })),
							...targets.map((name) => ({ id: `target ${name}`, label: name })),
						],
						links: found.traffic.map(({ source, target, bytes }) => ({
							source: `source ${source}`,
							target: `target ${target}`,
							value: bytes,
						})),
					},
				];
	const imbalance =
		found.optimizerImbalance === null
			? ''
			: ` The busiest rank has ${found.optimizerImbalance.toPrecision(4)} times the mean work on whole matrices.`;
	return [
		{
			kind: 'table',
			title: 'Files',
			note: `${found.tensors} logical tensors, ${found.bytes} bytes moved in ${found.runs} runs.${imbalance}`,
			columns: [
				{ key: 'name', label: 'File' },
				{ key: 'bytes', label: 'Size', unit: 'B', digits: 12 },
			],
			rows: found.files,
		},
		...flow,
		{
			kind: 'table',
			title: 'Tensors',
			note: 'SHA-256 of the values without padding, the same before and after. The first 500; manifest.json has all.',
			columns: [
				{ key: 'name', label: 'Tensor' },
				{ key: 'dtype', label: 'Type' },
				{ key: 'shape', label: 'Shape' },
				{ key: 'sha256', label: 'SHA-256' },
			],
			rows: found.manifest,
		},
		...found.files
			.slice(0, 100)
			.map(({ name }): Panel => ({ kind: 'file', title: name, artifact: name, note: 'A shard of the new layout.' })),
		{ kind: 'file', title: 'Layout', artifact: 'layout.json', note: 'The layout of these files.' },
		{ kind: 'file', title: 'Manifest', artifact: 'manifest.json', note: 'Name, type, shape and SHA-256 of every tensor.' },
	];
}
