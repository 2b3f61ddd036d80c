import { readFile } from 'node:fs/promises';
import { deflateRawSync } from 'node:zlib';
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import writeWorkbook from 'write-excel-file/universal';
import { cmsSystem } from './cms.ts';
import { parsePairs } from './curve-file.ts';
import { createGraph } from './graph.ts';
import { graphFromJsonText } from './json-graph.ts';
import { type Cell, parseCsv, systemFromTables, systemToTables, type Table, tableToCsv } from './tables.ts';
import { systemFromWorkbook, systemToWorkbook } from './workbook.ts';

const data = process.env['ASSAY_DATA'];
if (!data) console.log('skipped: some of tables.test.ts needs ASSAY_DATA with the published tables');

const read = async (name: string): Promise<Table> =>
	parseCsv(await readFile(`${data}/daq-model/${name}.csv`, 'utf8'), `${name}.csv`);
const published = async (name: string) => ({
	detectors: { table: await read(`${name}.detectors`), place: [`${name}.xlsx`, 'Detectors'] },
	processors: { table: await read(`${name}.processors`), place: [`${name}.xlsx`, 'Processors'] },
	global: { table: await read(`${name}.global`), place: [`${name}.xlsx`, 'Global'] },
});
const facts = (system: ReturnType<typeof cmsSystem>) =>
	[...system.detectors, ...system.processors].map((node) => ({ ...node, complexity: undefined, notes: undefined }));

test.skipIf(!data)('the embedded systems are the published tables, row by row', async () => {
	for (const [run, name] of [
		['run-5', 'cms_system_200'],
		['run-3', 'cms_system_60'],
	] as const) {
		const system = systemFromTables(await published(name), [`${name}.xlsx`]);
		const embedded = cmsSystem({ run });
		expect(facts(system)).toEqual(facts(embedded));
		expect(system.technologyYear).toBe(embedded.technologyYear);
	}
});

test.skipIf(!data)(
	'the older layout, as a workbook, needs no edits: no Classifier column means Gaussian where there is skill',
	async () => {
		const name = 'cms_system_200_smartpx_uled';
		const cells = (table: Table): Cell[][] =>
			table.map((row, index) =>
				row.map((cell) => (cell === '' ? null : index > 0 && !Number.isNaN(Number(cell)) ? Number(cell) : cell)),
			);
		const tables = await published(name);
		const renamed = cells(tables.processors.table).map((row) =>
			row.map((cell) => (cell === 'Reduction Ratio' ? 'Reduction' : cell)),
		);
		for (const processors of [cells(tables.processors.table), renamed]) {
			const blob = await writeWorkbook([
				{ sheet: 'Detectors', data: cells(tables.detectors.table) },
				{ sheet: 'Processors', data: processors },
				{ sheet: 'Global', data: cells(tables.global.table) },
			]).toBlob();
			const system = await systemFromWorkbook(await blob.arrayBuffer(), `${name}.xlsx`);
			createGraph(system);
			expect(system.processors.map((node) => node.classifier)).toEqual([
				...Array(4).fill('Dummy'),
				'Gaussian',
				'Gaussian',
				'Dummy',
			]);
			expect(system.processors[4]).toMatchObject({ reductionRatio: 53.3, skillMean: 3, skillVariance: 1 });
			expect(system.detectors[0]).toMatchObject({
				dataBytes: 662_400,
				linkEnergyJPerBit: 2e-12,
				notes: { 'PU 200': '0.6623999999999999' },
			});
			const micro = cmsSystem({ run: 'run-5', microLed: true, smartSensors: true });
			expect(system.detectors.map((node) => [node.name, node.linkEnergyJPerBit])).toEqual(
				micro.detectors.map((node) => [node.name, node.linkEnergyJPerBit]),
			);
			expect(system.processors.map((node) => node.linkEnergyJPerBit)).toEqual(
				micro.processors.map((node) => node.linkEnergyJPerBit),
			);
		}
	},
);

test('a workbook is the same after a journey through export and import, and exports the same bytes', async () => {
	const system = cmsSystem({ run: 'run-5', gpuHlt: true, l1Tracks: true });
	const noted = {
		...system,
		detectors: system.detectors.map((node, index) => ({ ...node, notes: { 'PU 200': `${index}.5`, Remark: 'a, "b"' } })),
	};
	const bytes = await systemToWorkbook(noted);
	const again = await systemFromWorkbook(bytes.slice().buffer, 'cms_system_200.xlsx');
	expect(again).toEqual(noted);
	expect(await systemToWorkbook(again)).toEqual(bytes);
});

test('tables are the same after a journey through CSV', () => {
	const system = cmsSystem({ run: 'run-3', smartSensors: true });
	const tables = systemToTables(system);
	const again = systemFromTables(
		{
			detectors: { table: parseCsv(tableToCsv(tables.detectors), 'd'), place: ['cms_system_60.xlsx', 'Detectors'] },
			processors: {
				table: parseCsv(`\uFEFF${tableToCsv(tables.processors).replaceAll('\n', '\r\n')}`, 'p'),
				place: ['cms_system_60.xlsx', 'Processors'],
			},
			global: { table: parseCsv('Year\r\n2024\r\n', 'g'), place: ['cms_system_60.xlsx', 'Global'] },
		},
		['cms_system_60.xlsx'],
	);
	expect(again).toEqual(system);
});

/** The tables of Run 5 with one cell changed (row as in the sheet, from 1), and what must be said about it. */
const wrong: readonly [sheet: 'detectors' | 'processors' | 'global', row: number, column: string, cell: Cell, message: RegExp][] =
	[
		['detectors', 2, 'Data (bytes)', 'NaN', /Detectors, row 2, Data \(bytes\): found "NaN", expected a finite number/],
		['detectors', 3, 'Data (bytes)', -1, /Detectors, row 3, Data \(bytes\): found -1, expected at least 0/],
		['detectors', 4, 'Data (bytes)', null, /Detectors, row 4, Data \(bytes\): found an empty cell/],
		['detectors', 5, 'Compression', 1.5, /Detectors, row 5, Compression: found 1.5, expected at most 1/],
		['detectors', 6, 'Sample Rate', 'fast', /Detectors, row 6, Sample Rate: found "fast"/],
		['detectors', 7, 'Category', 'Timin', /Detectors, row 7, Category: found "Timin".*did you mean Timing/],
		['detectors', 8, 'Category', null, /Detectors, row 8, Category: found/],
		['detectors', 9, 'Detector', 'HGCAL', /Detectors, row 12, Detector: found "HGCAL" a second time/],
		[
			'detectors',
			10,
			'Link Efficiency (J/bit)',
			Number.POSITIVE_INFINITY,
			/Detectors, row 10, Link Efficiency \(J\/bit\): found/,
		],
		[
			'detectors',
			1,
			'Sample Rate',
			'Sample Rat',
			/Detectors, row 1: found the column "Sample Rat", expected the column "Sample Rate"/,
		],
		['detectors', 1, 'Compression', 'x', /Detectors, row 1: found no column "Compression"/],
		['detectors', 2, 'Category', 'Outer Tracker 2S', /Detectors, row 2, Category: found "Outer Tracker 2S", which is a detector/],
		['processors', 6, 'Output', 'Globl', /Processors, row 6, Output: found "Globl".*did you mean Global/],
		['processors', 6, 'Reduction Ratio', 0.5, /Processors, row 6, Reduction Ratio: found 0.5, expected at least 1/],
		['processors', 8, 'Output', 'Intermediate', /Processors, row \d, Output: found a cycle: .*Global -> Disk/],
		['processors', 6, 'Output', null, /Processors, row 8, Output: found a second sink/],
		['processors', 6, 'Op Efficiency (J/op)', 'Infinity', /Processors, row 6, Op Efficiency \(J\/op\): found "Infinity"/],
		['processors', 5, 'Name', null, /Processors, row 5, Name: found an empty cell/],
		['processors', 7, 'Skill variance', -1, /Processors, row 7, Skill variance: found -1/],
		['processors', 2, 'Output', 'Tracking', /Processors, row 2, Output: found a cycle: Tracking -> Tracking/],
		['processors', 6, 'Complexity', '0;1;q', /Processors, row 6, Complexity: found "q"/],
		['global', 2, 'Year', 'soon', /Global, row 2, Year: found "soon"/],
		['global', 1, 'Year', 'When', /Global, row 1: found no column "Year"/],
	];

test.for(wrong)('a wrong cell gives one error with its place: %s row %s, %s = %s', ([sheet, row, column, cell, message]) => {
	const written = systemToTables(cmsSystem({ run: 'run-5' }));
	const tables = { detectors: written.detectors, processors: written.processors, global: written.global };
	const target = tables[sheet][row - 1];
	if (target === undefined) throw new Error('no such row');
	target[(tables[sheet][0] ?? []).indexOf(column)] = cell;
	const at = (name: string) => ['system.xlsx', name];
	const build = () =>
		createGraph(
			systemFromTables(
				{
					detectors: { table: tables.detectors, place: at('Detectors') },
					processors: { table: tables.processors, place: at('Processors') },
					global: { table: tables.global, place: at('Global') },
				},
				['system.xlsx'],
			),
		);
	expect(build).toThrow(InputError);
	expect(build).toThrow(message);
});

const onlyInputErrors = async (run: () => unknown): Promise<void> => {
	try {
		await run();
	} catch (error) {
		if (!(error instanceof InputError)) throw error;
	}
};

test('random bytes as CSV, JSON, curve or workbook give an InputError or a value, never a crash', async () => {
	const pieces = fc.oneof(
		fc.string(),
		fc.constantFrom(...'",;\n\r\t0.1eNaN-+[]{}:'.split(''), 'Year', 'Name', '\uFEFF', '"a""b"', '1e999'),
	);
	const place = ['x'];
	await fc.assert(
		fc.asyncProperty(fc.array(pieces, { maxLength: 40 }), async (parts) => {
			const text = parts.join('');
			await onlyInputErrors(() => parsePairs(text, 'x'));
			await onlyInputErrors(() => graphFromJsonText(text, 'x'));
			await onlyInputErrors(() => {
				const table = parseCsv(text, 'x');
				systemFromTables({ detectors: { table, place }, processors: { table, place }, global: { table, place } }, place);
			});
		}),
		{ numRuns: 300 },
	);
	const workbook = await systemToWorkbook(cmsSystem({ run: 'run-5' }));
	await fc.assert(
		fc.asyncProperty(
			fc.array(fc.tuple(fc.nat(workbook.length - 1), fc.nat(255)), { maxLength: 8 }),
			fc.nat(workbook.length),
			async (edits, cut) => {
				const bytes = workbook.slice(0, edits.length === 0 ? cut : workbook.length);
				for (const [at, value] of edits) bytes[at] = value;
				await onlyInputErrors(async () => createGraph(await systemFromWorkbook(bytes.slice().buffer, 'x.xlsx')));
			},
		),
		{ numRuns: 150 },
	);
	await fc.assert(
		fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) =>
			onlyInputErrors(() => systemFromWorkbook(bytes.slice().buffer, 'x.xlsx')),
		),
		{ numRuns: 100 },
	);
});

/** A zip archive of one entry that says it inflates to `declaredBytes`. */
function archive(name: string, content: Uint8Array, declaredBytes = content.byteLength): ArrayBuffer {
	const packed = deflateRawSync(content);
	const header = (signature: number, length: number, skip: number) => {
		const bytes = Buffer.alloc(length + name.length);
		bytes.writeUInt32LE(signature, 0);
		bytes.writeUInt16LE(8, skip + 4);
		bytes.writeUInt32LE(packed.byteLength, skip + 14);
		bytes.writeUInt32LE(declaredBytes, skip + 18);
		bytes.writeUInt16LE(name.length, skip + 22);
		bytes.write(name, length);
		return bytes;
	};
	const local = header(0x04034b50, 30, 4);
	const central = header(0x02014b50, 46, 6);
	const end = Buffer.alloc(22);
	end.writeUInt32LE(0x06054b50, 0);
	end.writeUInt16LE(1, 8);
	end.writeUInt16LE(1, 10);
	end.writeUInt32LE(central.byteLength, 12);
	end.writeUInt32LE(local.byteLength + packed.byteLength, 16);
	return new Uint8Array(Buffer.concat([local, packed, central, end])).buffer;
}

test('a workbook that inflates without end, or names far cells, is refused', async () => {
	const sheet = 'xl/worksheets/sheet1.xml';
	const zeros = new Uint8Array(40 * 1024 * 1024);
	for (const declared of [zeros.byteLength, 1]) {
		const bomb = archive(sheet, zeros, declared);
		expect(bomb.byteLength).toBeLessThan(1024 * 1024);
		await expect(systemFromWorkbook(bomb, 'bomb.xlsx')).rejects.toThrow(/bomb.xlsx: found an archive that inflates without end/);
	}
	const far = archive(sheet, new TextEncoder().encode('<c r="XFD1048576"><v>1</v></c>'));
	await expect(systemFromWorkbook(far, 'far.xlsx')).rejects.toThrow(/the cell XFD1048576/);
	const hidden = archive(sheet, new TextEncoder().encode(`<row ${' '.repeat(3000)} r="1&#48;00000"></row>`));
	await expect(systemFromWorkbook(hidden, 'hidden.xlsx')).rejects.toThrow(/the cell 1&#48;00000/);
	await expect(systemFromWorkbook(new ArrayBuffer(5 * 1024 * 1024), 'big.xlsx')).rejects.toThrow(/at most 4194304 bytes/);
});
