/** Workbooks made to do harm, and journeys of random systems through every format. */
import { deflateRawSync } from 'node:zlib';
import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SystemDescription } from './graph.ts';
import { type GraphJson, graphFromJson, graphFromJsonText, graphToJson } from './json-graph.ts';
import { parseCsv, systemFromTables, systemToTables, tableToCsv } from './tables.ts';
import { systemFromWorkbook, systemToWorkbook } from './workbook.ts';

/** A zip archive of the entries, deflated or stored. */
function zip(entries: Readonly<Record<string, string>>, stored = false): ArrayBuffer {
	const locals: Buffer[] = [];
	const directory: Buffer[] = [];
	let offset = 0;
	for (const [name, text] of Object.entries(entries)) {
		const content = Buffer.from(text);
		const packed = stored ? content : deflateRawSync(content);
		const header = (signature: number, length: number, skip: number): Buffer => {
			const bytes = Buffer.alloc(length + name.length);
			bytes.writeUInt32LE(signature, 0);
			bytes.writeUInt16LE(stored ? 0 : 8, skip + 4);
			bytes.writeUInt32LE(packed.byteLength, skip + 14);
			bytes.writeUInt32LE(content.byteLength, skip + 18);
			bytes.writeUInt16LE(name.length, skip + 22);
			bytes.write(name, length);
			return bytes;
		};
		const central = header(0x02014b50, 46, 6);
		central.writeUInt32LE(offset, 42);
		directory.push(central);
		locals.push(header(0x04034b50, 30, 4), packed);
		offset += 30 + name.length + packed.byteLength;
	}
	const end = Buffer.alloc(22);
	end.writeUInt32LE(0x06054b50, 0);
	end.writeUInt16LE(directory.length, 8);
	end.writeUInt16LE(directory.length, 10);
	end.writeUInt32LE(Buffer.concat(directory).byteLength, 12);
	end.writeUInt32LE(offset, 16);
	return new Uint8Array(Buffer.concat([...locals, ...directory, end])).buffer;
}

const relationship = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';

/** A workbook of three sheets, the first of them with the given rows. */
function workbook(rows: string, target = 'worksheets/sheet1.xml', stored = false): ArrayBuffer {
	const names = ['Detectors', 'Processors', 'Global'];
	const files = [target, 'worksheets/sheet2.xml', 'worksheets/sheet3.xml'];
	const empty = '<row r="1"><c r="A1"><v>1</v></c></row>';
	return zip(
		{
			'xl/workbook.xml': `<workbook xmlns:r="${relationship}"><sheets>${names.map((name, i) => `<sheet name="${name}" sheetId="${i + 1}" r:id="rId${i + 1}"/>`).join('')}</sheets></workbook>`,
			'xl/_rels/workbook.xml.rels': `<Relationships>${files.map((file, i) => `<Relationship Id="rId${i + 1}" Type="${relationship}/worksheet" Target="${file}"/>`).join('')}</Relationships>`,
			...Object.fromEntries(
				files.map((file, i) => [
					`xl/${file}`,
					`<worksheet xmlns:r="${relationship}"><sheetData>${i === 0 ? rows : empty}</sheetData></worksheet>`,
				]),
			),
		},
		stored,
	);
}

const cell = (row: string, address: string): string => `<row r="${row}"><c r="${address}"><v>1</v></c></row>`;

test('the hand-made workbook is one: its sheets are found and its rows read', async () => {
	for (const stored of [false, true]) {
		const read = systemFromWorkbook(workbook(cell('3', 'B3'), undefined, stored), 'small.xlsx');
		await expect(read).rejects.toThrow(/small.xlsx, Detectors, row 3: found no column "Category"/);
	}
});

test.each<[how: string, content: ArrayBuffer]>([
	['plainly', workbook(cell('1048576', 'XFD1048576'))],
	['in an entry that is not compressed', workbook(cell('1048576', 'XFD1048576'), 'worksheets/sheet1.xml', true)],
	['in a sheet with another ending', workbook(cell('1048576', 'XFD1048576'), 'worksheets/sheet1.bin')],
	['behind a character reference', workbook(cell('1&#48;48576', 'A1&#48;48576'))],
	['behind a bracket in another attribute', workbook('<row spans=">" r="1048576"><c r="A1048576"><v>1</v></c></row>')],
	['behind an attribute that only ends in r', workbook('<row x-r="1" r="1048576"><c x-r="A1" r="A1048576"><v>1</v></c></row>')],
	['under a prefix', workbook('<row a:r="1048576"><c a:r="A1048576"><v>1</v></c></row>')],
	['as a power of ten', workbook('<row r="1e6"><c r="A1e6"><v>1</v></c></row>')],
	['after a comment with a quote', workbook(`<!-- ' -->${cell('1048576', 'A1048576')}`)],
	['with single quotes', workbook(`<row r='1048576'><c r='A1048576'><v>1</v></c></row>`)],
	['with four letters', workbook(cell('2', 'AAAA2'))],
])('a cell far out is refused before anything is allocated for it: %s', async (_, content) => {
	expect(content.byteLength).toBeLessThan(5000);
	await expect(systemFromWorkbook(content, 'far.xlsx')).rejects.toThrow(/far.xlsx, xl\/worksheets\/sheet1.*: found the cell /);
});

test('sheets of random XML give an InputError', async () => {
	const piece = fc.oneof(
		fc.string({ maxLength: 10 }),
		fc.constantFrom(
			'<row r="2">',
			'</row>',
			'<c r="A2">',
			'<c r="B2" t="s">',
			'<v>1</v>',
			'<v>9</v>',
			'</c>',
			'<c>',
			'<row>',
			'<is><t>',
		),
		fc.constantFrom(
			'<!--',
			'-->',
			'<![CDATA[',
			']]>',
			'&amp;',
			'&#0;',
			'<?xml',
			'r="A20"',
			't="b"',
			't="d"',
			't="e"',
			's="99"',
			'\u0000',
		),
	);
	await fc.assert(
		fc.asyncProperty(fc.array(piece, { maxLength: 12 }), fc.boolean(), async (pieces, stored) => {
			const read = systemFromWorkbook(workbook(pieces.join(''), undefined, stored), 'odd.xlsx');
			await expect(read).rejects.toBeInstanceOf(InputError);
		}),
		{ numRuns: 300 },
	);
});

/** Systems with awkward names and numbers, every optional field there or not; -0 is 0 to JSON, and here. */
const awkwardName = (prefix: string) =>
	fc
		.oneof(
			fc.string({ unit: 'grapheme', maxLength: 8 }),
			fc.constantFrom('a, b', 'say "x"', '1e5', '007', '=1+1', "it's", '<b>&amp;', 'Ω'),
		)
		.map((text) => `${prefix}${text.replaceAll(/[;\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, '')}`.trim());
const size = fc.oneof(fc.double({ min: 0, max: 1e15, noNaN: true }), fc.nat(1_000_000)).map((value) => value + 0);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const powers = fc.array(
	fc.double({ min: -1e15, max: 1e15, noNaN: true }).map((value) => value + 0),
	{ minLength: 1, maxLength: 4 },
);
const common = {
	dataBytes: size,
	compression: share,
	linkEnergyJPerBit: share,
	opEnergyJPerOp: share,
	routingLatencyS: share,
};
const awkwardSystem: fc.Arbitrary<SystemDescription> = fc
	.record({
		year: fc.double({ min: 1950, max: 2150, noNaN: true }),
		names: fc.tuple(awkwardName('D'), awkwardName('P'), awkwardName('Q'), awkwardName('S')),
		detector: fc.record({ ...common, sampleRateHz: size, complexity: fc.option(powers, { nil: undefined }) }),
		processors: fc.tuple(
			...[0, 1, 2].map(() =>
				fc.record({
					...common,
					reductionRatio: fc.double({ min: 1, max: 1e9, noNaN: true }),
					skillMean: fc.double({ min: -1e3, max: 1e3, noNaN: true }).map((value) => value + 0),
					skillVariance: share,
					skillBoost: share,
					complexity: fc.option(powers, { nil: undefined }),
					parallelism: fc.option(powers, { nil: undefined }),
				}),
			),
		),
		note: fc.option(awkwardName('n'), { nil: undefined }),
	})
	.map(({ year, names: [d, p, q, s], detector, processors: [first, second, third], note }): SystemDescription => {
		const set = (row: object | undefined) =>
			Object.fromEntries(Object.entries(row ?? {}).filter(([, value]) => value !== undefined));
		const json: unknown = {
			technologyYear: year,
			detectors: [{ ...set(detector), name: d, outputs: [p, q], ...(note !== undefined && { notes: { Remark: note } }) }],
			processors: [
				{ ...set(first), name: p, outputs: [s], classifier: 'Gaussian' },
				{ ...set(second), name: q, outputs: [s], classifier: 'L1T' },
				{ ...set(third), name: s, outputs: [] },
			],
		};
		return graphFromJson(json, ['journey']);
	});

const facts = (system: SystemDescription): GraphJson => graphToJson(system);

test('random systems come back from JSON, CSV and workbook as they went, to the last bit', async () => {
	await fc.assert(
		fc.asyncProperty(awkwardSystem, async (system) => {
			expect(facts(graphFromJsonText(JSON.stringify(graphToJson(system)), 'j'))).toEqual(facts(system));
			const tables = systemToTables(system);
			const through = (table: (typeof tables)['global']) => ({ table: parseCsv(tableToCsv(table), 'x.csv'), place: ['x.csv'] });
			const fromCsv = systemFromTables(
				{ detectors: through(tables.detectors), processors: through(tables.processors), global: through(tables.global) },
				['x'],
			);
			expect(facts(fromCsv)).toEqual(facts(system));
			const bytes = await systemToWorkbook(system);
			expect(facts(await systemFromWorkbook(bytes.slice().buffer, 'x.xlsx'))).toEqual(facts(system));
		}),
		{ numRuns: 60 },
	);
});
