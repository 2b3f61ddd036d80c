/** Parquet written row group by row group, so that only one of them is ever held. */
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer';
import type { Scalar } from '../flatten.ts';

/** Rows of a group: enough for columns to compress, few enough to hold. */
const GROUP_ROWS = 5000;

export type ParquetType = 'DOUBLE' | 'BOOLEAN' | 'STRING';

export interface ParquetColumn {
	readonly name: string;
	readonly type: ParquetType;
}

/** Takes in rows and gives out the bytes of a Parquet file as they are ready. A cell that is not of its column's type is left empty. */
export async function* parquetStream(
	columns: readonly ParquetColumn[],
	rows: AsyncIterable<readonly Scalar[]>,
): AsyncGenerator<Uint8Array> {
	const bytes = new ByteWriter();
	const types = columns.map(({ name, type }) => ({ name, type, data: [], nullable: true }));
	const writer = new ParquetWriter({ writer: bytes, schema: schemaFromColumnData({ columnData: types }) });
	const taken = (): Uint8Array => {
		const chunk = bytes.getBytes().slice();
		bytes.index = 0;
		return chunk;
	};
	let group: Scalar[][] = columns.map(() => []);
	const writeGroup = (): void => {
		const columnData = columns.map(({ name }, index) => ({ name, data: group[index] ?? [] }));
		void writer.write({ columnData, rowGroupSize: GROUP_ROWS });
		group = columns.map(() => []);
	};
	for await (const row of rows) {
		for (const [index, { type }] of columns.entries()) group[index]?.push(cellOf(row[index] ?? null, type));
		if ((group[0]?.length ?? 0) < GROUP_ROWS) continue;
		writeGroup();
		yield taken();
	}
	if ((group[0]?.length ?? 0) > 0) writeGroup();
	void writer.finish();
	yield taken();
}

function cellOf(value: Scalar, type: ParquetType): Scalar {
	if (value === null) return null;
	if (type === 'STRING') return String(value);
	return typeof value === (type === 'DOUBLE' ? 'number' : 'boolean') ? value : null;
}
