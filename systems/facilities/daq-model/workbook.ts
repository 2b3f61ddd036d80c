/**
 * Workbooks (.xlsx) with the sheets Detectors, Processors and Global. A workbook is a zip archive of XML, and both can be made
 * to grow without end, so before it is parsed every entry is inflated once as a stream against a limit, and no sheet may
 * name a cell outside the limits of a table.
 */
import { InputError, nearestName, type Path, show } from '@assay/contract';
import readWorkbook from 'read-excel-file/universal';
import writeWorkbook from 'write-excel-file/universal';
import type { SystemDescription } from './graph.ts';
import { type Cell, type SystemTables, systemFromTables, systemToTables, type Table } from './tables.ts';

/** Largest workbook accepted, and the most its entries may inflate to. */
const limitBytes = 4 * 1024 * 1024;
const limitInflatedBytes = 32 * 1024 * 1024;
const limitEntries = 1000;
const limitRow = 20_000;
const limitColumnLetters = 2;

/** Reads a system from a workbook. */
export async function systemFromWorkbook(content: ArrayBuffer, file: string): Promise<SystemDescription> {
	const sheets = await readSheets(content, file);
	const find = (names: readonly string[]): SystemTables['detectors'] => {
		const sheet = sheets.find((one) => names.some((name) => name.toLowerCase() === one.name.trim().toLowerCase()));
		if (sheet === undefined) {
			throw new InputError({
				path: [file],
				found: `the sheets ${sheets.map((one) => show(one.name)).join(', ')}`,
				expected: `a sheet called ${names[0]}`,
				nearest: nearestName(
					names[0] ?? '',
					sheets.map((one) => one.name),
				),
			});
		}
		return { table: sheet.table, place: [file, sheet.name] };
	};
	return systemFromTables(
		{ detectors: find(['Detectors']), processors: find(['Processors', 'Triggers']), global: find(['Global']) },
		[file],
	);
}

/** All sheets of a workbook as tables. */
export async function readSheets(content: ArrayBuffer, file: string): Promise<{ name: string; table: Table }[]> {
	await checkArchive(new Uint8Array(content), [file]);
	try {
		const sheets = await readWorkbook(content);
		return sheets.map((sheet) => ({
			name: sheet.sheet,
			table: sheet.data.map((row) => row.map((cell): Cell => (isCell(cell) ? cell : String(cell)))),
		}));
	} catch (error) {
		throw notWorkbook([file], error instanceof Error ? error.message : String(error));
	}
}

const isCell = (cell: unknown): cell is Cell =>
	cell === null || typeof cell === 'string' || typeof cell === 'number' || typeof cell === 'boolean';

const notWorkbook = (place: Path, why: string): InputError =>
	new InputError({ path: place, found: `bytes that are not a workbook (${why.slice(0, 120)})`, expected: 'an .xlsx workbook' });

/** Refuses archives that are broken, too large, or inflate to too much. */
async function checkArchive(bytes: Uint8Array<ArrayBuffer>, place: Path): Promise<void> {
	if (bytes.byteLength > limitBytes) {
		throw new InputError({
			path: place,
			found: `${bytes.byteLength} bytes`,
			expected: `a workbook of at most ${limitBytes} bytes`,
		});
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	const end = endOfDirectory(view);
	if (end === undefined) throw notWorkbook(place, 'no zip directory');
	const entries = view.getUint16(end + 10, true);
	if (entries > limitEntries) throw notWorkbook(place, `${entries} entries`);
	let offset = view.getUint32(end + 16, true);
	let left = limitInflatedBytes;
	for (let entry = 0; entry < entries; entry++) {
		if (offset + 46 > bytes.byteLength || view.getUint32(offset, true) !== 0x02014b50)
			throw notWorkbook(place, 'broken zip directory');
		const method = view.getUint16(offset + 10, true);
		const packed = view.getUint32(offset + 20, true);
		const inflated = view.getUint32(offset + 24, true);
		const nameLength = view.getUint16(offset + 28, true);
		const name = new TextDecoder().decode(bytes.subarray(offset + 46, offset + 46 + nameLength));
		const local = view.getUint32(offset + 42, true);
		if (local + 30 > bytes.byteLength) throw notWorkbook(place, 'broken zip entry');
		const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
		if (start + packed > bytes.byteLength) throw notWorkbook(place, 'an entry beyond the end');
		const content = bytes.subarray(start, start + packed);
		if (method === 0) checkCells(new TextDecoder().decode(content), [...place, name]);
		const used = method === 0 ? packed : await inflatedBytes(content, left, place, name);
		left -= Math.max(used, inflated);
		if (left < 0) throw tooLarge(place);
		offset += 46 + nameLength + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true);
	}
}

/** Where the record at the end of a zip archive begins. */
function endOfDirectory(view: DataView): number | undefined {
	const lowest = Math.max(0, view.byteLength - 22 - 65_535);
	for (let offset = view.byteLength - 22; offset >= lowest; offset--) {
		if (view.getUint32(offset, true) === 0x06054b50) return offset;
	}
	return undefined;
}

const tooLarge = (place: Path): InputError =>
	new InputError({
		path: place,
		found: 'an archive that inflates without end',
		expected: `at most ${limitInflatedBytes} bytes of sheets`,
	});

/** Inflates one entry as a stream, checks the cells it names, and gives its size. */
async function inflatedBytes(packed: Uint8Array<ArrayBuffer>, limit: number, place: Path, name: string): Promise<number> {
	const decoder = new TextDecoder();
	let bytes = 0;
	let text = '';
	try {
		const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
		for await (const piece of stream) {
			bytes += piece.byteLength;
			if (bytes > limit) throw tooLarge(place);
			text += decoder.decode(piece, { stream: true });
		}
	} catch (error) {
		if (error instanceof InputError) throw error;
		throw notWorkbook(place, 'an entry that does not inflate');
	}
	checkCells(text, [...place, name]);
	return bytes;
}

/**
 * Refuses rows and cells at places that no table has: a parser would allocate everything up to them. Whatever the entry is
 * called and whatever stands before it, every attribute `r` of a sheet is looked at: a parser of our own would see other tags
 * than the library's where the XML is broken on purpose.
 */
function checkCells(xml: string, place: Path): void {
	if (!/<(?:[\w.-]+:)?(?:row|c)\s/.test(xml)) return;
	for (const match of xml.matchAll(/(?<![\w.-])(?<!(?<![\w.-])xmlns:)r\s*=\s*(?:"([^"]*)"|'([^']*)')/g)) {
		const address = match[1] ?? match[2] ?? '';
		const [, letters = '', row] = /^([A-Z]*)(\d{1,7})$/.exec(address) ?? [];
		if (row !== undefined && letters.length <= limitColumnLetters && Number(row) <= limitRow) continue;
		throw new InputError({
			path: place,
			found: `the cell ${address.slice(0, 20)}`,
			expected: `cells within ${limitRow} rows and ${26 + 26 ** 2} columns`,
		});
	}
}

/** A system as a workbook of three sheets; reading it back gives the same system. */
export async function systemToWorkbook(description: SystemDescription): Promise<Uint8Array> {
	const tables = systemToTables(description);
	const sheets = [
		{ sheet: 'Detectors', data: tables.detectors },
		{ sheet: 'Processors', data: tables.processors },
		{ sheet: 'Global', data: tables.global },
	];
	const blob = await writeWorkbook(sheets).toBlob();
	const bytes = new Uint8Array(await blob.arrayBuffer());
	clearTimes(bytes);
	return bytes;
}

/** Sets the time of every archive entry to the format's earliest, so that the same system gives the same bytes. */
function clearTimes(bytes: Uint8Array<ArrayBuffer>): void {
	const view = new DataView(bytes.buffer);
	const end = endOfDirectory(view);
	if (end === undefined) return;
	let offset = view.getUint32(end + 16, true);
	for (let entry = view.getUint16(end + 10, true); entry > 0; entry--) {
		view.setUint32(offset + 12, earliestTime, true);
		view.setUint32(view.getUint32(offset + 42, true) + 10, earliestTime, true);
		offset += 46 + view.getUint16(offset + 28, true) + view.getUint16(offset + 30, true) + view.getUint16(offset + 32, true);
	}
}

/** 1 January 1980, 00:00, as MS-DOS time and date. */
const earliestTime = 0x00210000;
