/** Machines of the user's own, from a YAML or JSON file. */
import { InputError, nearestName, parseOrExplain } from '@assay/contract';
import { type Document, isNode, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import { z } from 'zod';
import { knownDevices } from './catalog/index.ts';
import { clusterDescriptionSchema } from './cluster.ts';
import { deviceSchema, machineNameSchema } from './device.ts';
import type { OwnMachines } from './resolve.ts';

/** Longest machine file, in characters. */
const MAX_CHARACTERS = 1 << 18;
/** Deepest nesting of brackets; the format itself needs six levels. */
const MAX_DEPTH = 64;
/** Most nodes that aliases may stand for. */
const MAX_ALIASES = 100;

const machineFileSchema = z.strictObject({
	devices: z.array(deviceSchema).max(1000).default([]),
	clusters: z
		.array(clusterDescriptionSchema.extend({ name: machineNameSchema }))
		.max(1000)
		.default([]),
});

/**
 * Reads the text of a machine file: `devices` and `clusters`, each a list. JSON is read as YAML, which contains it.
 * `fileName` is for messages. Give the result to `catalogueWith`.
 *
 * Raises an `InputError` that names the file, the line and the field: for text that is not YAML, a wrong field, a name given
 * twice, a cluster of an unknown device; also for a file of more than 256 Ki characters, nested too deep, or blown up with aliases.
 */
export function parseMachineFile(text: string, fileName: string): OwnMachines {
	if (text.length > MAX_CHARACTERS) {
		throw new InputError({ path: [fileName], found: `${text.length} characters`, expected: `at most ${MAX_CHARACTERS}` });
	}
	requireShallow(text, fileName);
	const lines = new LineCounter();
	const document = parseText(text, fileName, lines);
	const content = toJson(document, fileName);
	try {
		const file = parseOrExplain(machineFileSchema, content, []);
		checkNames(file);
		return file;
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
		throw new InputError({
			path: [fileName, `line ${lineOf(document, error.path, lines)}`, ...error.path],
			found: error.found,
			expected: error.expected,
			nearest: error.nearest,
		});
	}
}

function parseText(text: string, fileName: string, lineCounter: LineCounter): Document {
	try {
		const document = parseDocument(text.replace(/^\uFEFF/, ''), { lineCounter, prettyErrors: false, uniqueKeys: false });
		const [problem] = document.errors;
		if (problem !== undefined) {
			throw new InputError({
				path: [fileName, `line ${lineCounter.linePos(problem.pos[0]).line}`],
				found: problem.message.split('\n')[0] ?? problem.message,
				expected: 'YAML or JSON',
			});
		}
		requireDistinctKeys(document, fileName, lineCounter);
		return document;
	} catch (error) {
		// The parser is recursive: what is nested in a way that `requireShallow` does not see runs out of stack.
		if (error instanceof RangeError) throw tooDeep(fileName);
		throw error;
	}
}

/** The parser's own search for duplicate keys takes time quadratic in their number. */
function requireDistinctKeys(document: Document, fileName: string, lineCounter: LineCounter): void {
	visit(document, {
		Map: (_, map) => {
			const seen = new Set<unknown>();
			for (const { key } of map.items) {
				const name = isScalar(key) ? key.value : undefined;
				if (name !== undefined && seen.has(name)) {
					throw new InputError({
						path: [fileName, `line ${isNode(key) ? lineCounter.linePos(key.range?.[0] ?? 0).line : 1}`],
						found: `${String(name)} for the second time`,
						expected: 'each key once',
					});
				}
				seen.add(name);
			}
		},
	});
}

function toJson(document: Document, fileName: string): unknown {
	try {
		return document.toJS({ maxAliasCount: MAX_ALIASES });
	} catch (error) {
		throw new InputError({
			path: [fileName],
			found: error instanceof Error ? error.message : String(error),
			expected: `aliases that are defined, and stand for at most ${MAX_ALIASES} nodes`,
		});
	}
}

/**
 * Refuses what the parser would take very long over, before it sees it: brackets or indentation without end, and rows of the
 * question marks that begin explicit keys, which no machine file needs.
 */
function requireShallow(text: string, fileName: string): void {
	let brackets = 0;
	let deepest = 0;
	for (const character of text) {
		if (character === '[' || character === '{') deepest = Math.max(deepest, ++brackets);
		else if (character === ']' || character === '}') brackets = Math.max(0, brackets - 1);
	}
	const indentation = /^[ \t-]{256}/m.test(text);
	const explicitKeys = text.match(/\?(?=\s)/g)?.length ?? 0;
	if (deepest > MAX_DEPTH || indentation || explicitKeys > MAX_DEPTH) throw tooDeep(fileName);
}

function tooDeep(fileName: string): InputError {
	return new InputError({ path: [fileName], found: 'deep nesting', expected: `at most ${MAX_DEPTH} levels` });
}

/** Names are unique within a file, and clusters are of devices that exist. */
function checkNames(file: OwnMachines): void {
	const deviceNames = new Set(knownDevices.flatMap(({ name, aliases }) => [name, ...aliases]).map((name) => name.toLowerCase()));
	const taken = new Set<string>();
	const take = (name: string, path: readonly (string | number)[]): void => {
		const lower = name.toLowerCase();
		if (taken.has(lower)) {
			throw new InputError({ path, found: `the name ${name} for the second time`, expected: 'names that differ' });
		}
		taken.add(lower);
	};
	for (const [index, device] of file.devices.entries()) {
		take(device.name, ['devices', index, 'name']);
		for (const [position, alias] of device.aliases.entries()) take(alias, ['devices', index, 'aliases', position]);
		for (const name of [device.name, ...device.aliases]) deviceNames.add(name.toLowerCase());
	}
	for (const [index, cluster] of file.clusters.entries()) {
		if (cluster.name !== undefined) take(cluster.name, ['clusters', index, 'name']);
		for (const [position, alias] of cluster.aliases.entries()) take(alias, ['clusters', index, 'aliases', position]);
		if (typeof cluster.device === 'string' && !deviceNames.has(cluster.device.toLowerCase())) {
			throw new InputError({
				path: ['clusters', index, 'device'],
				found: JSON.stringify(cluster.device),
				expected: 'the name of a device',
				nearest: nearestName(cluster.device, deviceNames),
			});
		}
	}
}

/** Line of the innermost node on the way to a place. */
function lineOf(document: Document, path: readonly (string | number)[], lines: LineCounter): number {
	for (let depth = path.length; depth >= 0; depth--) {
		const parent = document.getIn(path.slice(0, depth), true);
		if (isNode(parent) && parent.range) return lines.linePos(parent.range[0]).line;
	}
	return 1;
}
