/** From the headers of a checkpoint's files and its layout: its logical tensors, checked against every file before anything is done. */
import { InputError, nearestName, show } from '@assay/contract';
import type { SafetensorsDtype, SafetensorsHeader, TensorEntry } from '@assay/models';
import { type CheckpointShape, type ExpectedFile, fileName, type LogicalTensor, shapeCheckpoint } from './checkpoint.ts';
import { type Layout, type LayoutRule, ruleFinder } from './layout.ts';

/** A file by name with its header. */
export interface HeadedFile {
	readonly name: string;
	readonly header: SafetensorsHeader;
}

/** A checkpoint whose files are known. `offsets[f].get(tensor)` is where a tensor of shape file f lies, and in which of the files given. */
export interface LocatedCheckpoint {
	readonly shape: CheckpointShape;
	readonly parameters: readonly LogicalTensor[];
	readonly stateDtypes: ReadonlyMap<string, SafetensorsDtype>;
	readonly located: readonly ReadonlyMap<string, Located>[];
}

/** A tensor's file (by position among those given) and first byte. */
export interface Located {
	readonly file: number;
	readonly offset: number;
}

/**
 * Reads a checkpoint's logical tensors off its headers and checks every file. Model files of an unsplit checkpoint may have any name and
 * number, as published ones do. Raises an `InputError` that names the file and the tensor: a missing file, a tensor that is missing, too
 * many, or of another shape or element type than the layout and the other ranks say.
 */
export function locateCheckpoint(files: readonly HeadedFile[], layout: Layout, place: string): LocatedCheckpoint {
	const { tensor, pipeline, expert } = layout.parallel;
	const unsplit = tensor * pipeline * expert === 1;
	const modelFiles = unsplit
		? files.filter(({ name }) => !name.startsWith('optimizer'))
		: files.filter(({ name }) => name.startsWith('model'));
	const parameters = logicalParameters(modelFiles, layout, place);
	if (parameters.length === 0)
		throw new InputError({
			path: [place],
			found: `${files.length} files, none with a tensor of the model`,
			expected: `a checkpoint with ${unsplit ? 'safetensors files' : fileName('model', { tp: 0, pp: 0, ep: 0 }, layout)}`,
		});
	const stateDtypes = dtypesOfStates(files, layout);
	const shape = shapeCheckpoint(parameters, layout, place, stateDtypes);
	const located = shape.files.map((expected) =>
		unsplit && expected.name.startsWith('model') ? locateAnywhere(expected, modelFiles, files) : locateIn(expected, files),
	);
	const known = new Set(shape.files.map(({ name }) => name));
	for (const { name } of files) {
		if (known.has(name) || (unsplit && !name.startsWith('optimizer'))) continue;
		throw new InputError({
			path: [name],
			found: 'a file that the layout does not know',
			expected: `files such as ${[...known].slice(0, 3).join(', ')}`,
			nearest: nearestName(name, known),
		});
	}
	return { shape, parameters, stateDtypes, located };
}

/** The whole of each tensor, from the first rank that has it. */
function logicalParameters(files: readonly HeadedFile[], layout: Layout, place: string): LogicalTensor[] {
	const findRule = ruleFinder(layout);
	const found = new Map<string, LogicalTensor>();
	for (const file of files) {
		for (const { name, dtype, shape } of file.header.tensors) {
			if (found.has(name)) continue;
			found.set(name, { parameter: name, state: null, dtype, shape: wholeShape(name, shape, findRule(name), layout, place) });
		}
	}
	return [...found.values()];
}

function wholeShape(name: string, local: readonly number[], rule: LayoutRule, layout: Layout, place: string): number[] {
	const { tensor, expert } = layout.parallel;
	const first = rule.experts === 'leading' ? 1 : 0;
	return local.map((size, d) => {
		if (rule.experts === 'leading' && d === 0) return size * expert;
		if (rule.split === 'vocabulary' && d === first) {
			const rows = rule.rows ?? size * tensor;
			const padded = Math.ceil(rows / (rule.multiple * tensor)) * rule.multiple;
			if (padded === size) return rows;
			throw new InputError({
				path: [place, name, 'rows'],
				found: `${size} rows on a rank`,
				expected: `${padded}: ${rows} rows padded to a multiple of ${rule.multiple} on each of ${tensor} ranks`,
			});
		}
		if (rule.split === 'column' && d === first) return size * tensor;
		if (rule.split === 'row' && d === first + 1) return size * tensor;
		return size;
	});
}

function dtypesOfStates(files: readonly HeadedFile[], layout: Layout): Map<string, SafetensorsDtype> {
	const dtypes = new Map<string, SafetensorsDtype>();
	for (const state of layout.optimizer?.states ?? []) {
		for (const { name, header } of files) {
			if (!name.startsWith('optimizer')) continue;
			const entry = header.tensors.find((one) => one.name === state || one.name.endsWith(`.${state}`));
			if (entry === undefined) continue;
			dtypes.set(state, entry.dtype);
			break;
		}
	}
	return dtypes;
}

function locateIn(expected: ExpectedFile, files: readonly HeadedFile[]): Map<string, Located> {
	const index = files.findIndex(({ name }) => name === expected.name);
	const file = files[index];
	if (file === undefined)
		throw new InputError({
			path: [expected.name],
			found: 'no such file',
			expected: `a shard with ${expected.tensors.length} tensors`,
			nearest: nearestName(
				expected.name,
				files.map(({ name }) => name),
			),
		});
	const entries = new Map(file.header.tensors.map((entry) => [entry.name, entry]));
	const located = new Map<string, Located>();
	for (const tensor of expected.tensors) {
		located.set(tensor.name, { file: index, offset: checkEntry(file.name, tensor, entries.get(tensor.name)).fileOffset });
	}
	for (const name of entries.keys()) {
		if (located.has(name)) continue;
		throw new InputError({
			path: [file.name, name],
			found: 'a tensor that the layout puts elsewhere or does not know',
			expected: 'the tensors of this rank alone',
			nearest: nearestName(name, located.keys()),
		});
	}
	return located;
}

/** The tensors of an unsplit model, in whichever file they are. */
function locateAnywhere(
	expected: ExpectedFile,
	models: readonly HeadedFile[],
	files: readonly HeadedFile[],
): Map<string, Located> {
	const located = new Map<string, Located>();
	const wanted = new Map(expected.tensors.map((tensor) => [tensor.name, tensor]));
	for (const model of models) {
		for (const entry of model.header.tensors) {
			const tensor = wanted.get(entry.name);
			if (tensor === undefined) continue;
			if (located.has(entry.name))
				throw new InputError({
					path: [model.name, entry.name],
					found: 'a tensor that another file has as well',
					expected: 'each tensor once',
				});
			located.set(entry.name, { file: files.indexOf(model), offset: checkEntry(model.name, tensor, entry).fileOffset });
		}
	}
	return located;
}

function checkEntry(
	file: string,
	expected: { name: string; dtype: string; shape: readonly number[] },
	entry: TensorEntry | undefined,
): TensorEntry {
	if (entry === undefined)
		throw new InputError({
			path: [file, expected.name],
			found: 'no such tensor',
			expected: `one of shape ${show(expected.shape)}`,
		});
	if (entry.dtype !== expected.dtype)
		throw new InputError({
			path: [file, entry.name, 'dtype'],
			found: entry.dtype,
			expected: `${expected.dtype}, as on other ranks`,
		});
	if (entry.shape.length !== expected.shape.length || entry.shape.some((size, d) => size !== expected.shape[d]))
		throw new InputError({
			path: [file, entry.name, 'shape'],
			found: show(entry.shape),
			expected: `${show(expected.shape)} by the layout and the other ranks`,
		});
	return entry;
}
