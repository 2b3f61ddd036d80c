/**
 * Reads mapping files (.m) of MAESTRO: a bare `Dataflow { ... }` or a whole network, whose layers must then share one dataflow, since a
 * sub-accelerator has one. Constants, comments, `Sz(...)`, sums and output dimensions are understood.
 */
import { InputError } from '@assay/contract';
import { DIMENSIONS, type DimensionName } from './dimension.ts';
import type { ClusterLevelDirectives, MapDirective, Mapping, SizeExpression } from './mapping.ts';

const MAX_CHARACTERS = 1 << 20;
const MAX_LEVELS = 4;
const MAX_SIZE = 1 << 20;
const DIRECTIVES = ['TemporalMap', 'SpatialMap', 'Cluster'] as const;

/** Raises an `InputError` under `path` that names the line. */
export function parseMapping(name: string, content: string, path: readonly (string | number)[] = [name]): Mapping {
	if (content.length > MAX_CHARACTERS)
		throw new InputError({ path, found: `${content.length} characters`, expected: `a mapping of at most ${MAX_CHARACTERS}` });
	const source = content.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, (comment) => comment.replace(/[^\n]/g, ' '));
	const constants = readConstants(source, path);
	const blocks = [...source.matchAll(/\bDataflow\s*\{([^{}]*)\}/g)];
	const first = blocks[0];
	if (first === undefined)
		throw new InputError({
			path,
			found: quote(content),
			expected: 'a block Dataflow { ... } of TemporalMap, SpatialMap and Cluster',
		});
	const plain = (block: string | undefined): string => (block ?? '').replace(/\s+/g, '');
	const other = blocks.find(([, body]) => plain(body) !== plain(first[1]));
	if (other !== undefined)
		throw new InputError({
			path,
			found: `another dataflow in line ${lineAt(source, other.index)}`,
			expected: 'the same dataflow for every layer, since a sub-accelerator has one',
		});
	const body = first[1] ?? '';
	return { name, levels: readLevels(body, lineAt(source, first.index + first[0].indexOf(body)), constants, path) };
}

type Path = readonly (string | number)[];

function readConstants(source: string, path: Path): Map<string, number> {
	const constants = new Map<string, number>();
	for (const [, name, value] of source.matchAll(/\bConstant\s+(\w+)\s+([^;\s]+)\s*;/g)) {
		const number = Number(value);
		if (!Number.isInteger(number) || number < 0 || number > MAX_SIZE)
			throw new InputError({
				path: [...path, `Constant ${name}`],
				found: quote(value ?? ''),
				expected: `a whole number up to ${MAX_SIZE}`,
			});
		constants.set(name ?? '', number);
	}
	return constants;
}

function readLevels(
	body: string,
	firstLine: number,
	constants: ReadonlyMap<string, number>,
	path: Path,
): ClusterLevelDirectives[] {
	const levels: ClusterLevelDirectives[] = [];
	let maps: MapDirective[] = [];
	let at = 0;
	for (const statement of body.split(';')) {
		const line = firstLine + lineAt(body, at + statement.length - statement.trimStart().length) - 1;
		at += statement.length + 1;
		if (statement.trim() === '') continue;
		const where = [...path, `line ${line}`];
		const match =
			/^\s*(\w+)\s*\(\s*([^,()]*(?:\([^()]*\)[^,()]*)*?)\s*(?:,\s*([^,()]*(?:\([^()]*\)[^,()]*)*?)\s*)?\)\s*(\w'?)?\s*$/.exec(
				statement,
			);
		const kind = DIRECTIVES.find((directive) => directive === match?.[1]);
		if (match === null || kind === undefined)
			throw new InputError({
				path: where,
				found: quote(statement.trim()),
				expected: 'TemporalMap(size, offset) D, SpatialMap(size, offset) D or Cluster(size)',
				nearest: 'TemporalMap(1, 1) K',
			});
		const expression = (text: string | undefined) => readExpression(text ?? '', constants, where);
		if (kind === 'Cluster') {
			levels.push(closeLevel(maps, expression(match[2]), where));
			maps = [];
			continue;
		}
		if (match[3] === undefined || match[4] === undefined)
			throw new InputError({ path: where, found: quote(statement.trim()), expected: `${kind}(size, offset) and a dimension` });
		const dimension = DIMENSIONS.indexOf((match[4][0] ?? '') as DimensionName);
		const isOfOutputs = match[4].endsWith("'");
		if (dimension < 0 || (isOfOutputs && dimension < 4))
			throw new InputError({
				path: where,
				found: match[4],
				expected: `one of ${DIMENSIONS.join(', ')}, Y' and X'`,
				nearest: 'K',
			});
		if (maps.some((map) => map.dimension === dimension))
			throw new InputError({ path: where, found: `${match[4]} for the second time`, expected: 'each dimension once in a level' });
		maps.push({
			kind: kind === 'SpatialMap' ? 'spatial' : 'temporal',
			dimension,
			size: expression(match[2]),
			offset: expression(match[3]),
			isOfOutputs,
		});
	}
	levels.push(closeLevel(maps, null, [...path, 'the innermost level']));
	if (levels.length > MAX_LEVELS)
		throw new InputError({ path, found: `${levels.length} levels`, expected: `at most ${MAX_LEVELS}` });
	return levels;
}

/** A level must spread something over its sub-clusters. */
function closeLevel(maps: readonly MapDirective[], clusterSize: SizeExpression | null, path: Path): ClusterLevelDirectives {
	const spatial = maps.filter(({ kind }) => kind === 'spatial').length;
	if (spatial < 1 || spatial > 2)
		throw new InputError({
			path,
			found: `${spatial} spatial maps in a level`,
			expected: 'one SpatialMap, or two that move along together',
			nearest: 'SpatialMap(1, 1) K',
		});
	return { maps, clusterSize };
}

function readExpression(text: string, constants: ReadonlyMap<string, number>, path: Path): SizeExpression {
	const refuse = (found: string): never => {
		throw new InputError({
			path,
			found: quote(found),
			expected: 'a sum of whole numbers, constants and sizes such as 8 + Sz(S) - 1',
			nearest: '1',
		});
	};
	let constant = 0;
	const sizes: { dimension: number; sign: 1 | -1 }[] = [];
	const terms = text.replace(/\s+/g, '').match(/[+-]?[^+-]+/g);
	if (terms === null || terms.join('') !== text.replace(/\s+/g, '')) return refuse(text);
	for (const term of terms) {
		const sign = term.startsWith('-') ? -1 : 1;
		const word = term.replace(/^[+-]/, '');
		const dimension = /^Sz\((\w)\)$/.exec(word)?.[1];
		if (dimension !== undefined) {
			const index = DIMENSIONS.indexOf(dimension as DimensionName);
			if (index < 0) return refuse(term);
			sizes.push({ dimension: index, sign });
		} else if (/^\d{1,7}$/.test(word)) constant += sign * Number(word);
		else {
			const value = constants.get(word);
			if (value === undefined) return refuse(term);
			constant += sign * value;
		}
	}
	if (Math.abs(constant) > MAX_SIZE || (sizes.length === 0 && constant < 1)) return refuse(text);
	return { constant, sizes };
}

function lineAt(text: string, index: number): number {
	return text.slice(0, index).split('\n').length;
}

function quote(text: string): string {
	return JSON.stringify(text.slice(0, 60));
}
