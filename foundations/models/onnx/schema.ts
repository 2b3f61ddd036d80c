/**
 * The messages of ONNX files that graphs of inference are made of, by the field numbers of the public format. Fields that are left
 * out (documentation, training information, sparse tensors) are skipped when a file is read.
 */
import protobuf from 'protobufjs';

const field = (id: number, type: string) => ({ id, type });
const list = (id: number, type: string) => ({ id, type, rule: 'repeated' });
/** Numbers that writers may or may not pack; reading takes both. */
const packed = (id: number, type: string) => ({ id, type, rule: 'repeated', options: { packed: true } });

const root = protobuf.Root.fromJSON({
	nested: {
		ModelProto: {
			fields: {
				irVersion: field(1, 'int64'),
				producerName: field(2, 'string'),
				producerVersion: field(3, 'string'),
				graph: field(7, 'GraphProto'),
				opsetImport: list(8, 'OperatorSetIdProto'),
				functions: list(25, 'FunctionProto'),
			},
		},
		OperatorSetIdProto: { fields: { domain: field(1, 'string'), version: field(2, 'int64') } },
		GraphProto: {
			fields: {
				node: list(1, 'NodeProto'),
				name: field(2, 'string'),
				initializer: list(5, 'TensorProto'),
				input: list(11, 'ValueInfoProto'),
				output: list(12, 'ValueInfoProto'),
				valueInfo: list(13, 'ValueInfoProto'),
			},
		},
		NodeProto: {
			fields: {
				input: list(1, 'string'),
				output: list(2, 'string'),
				name: field(3, 'string'),
				opType: field(4, 'string'),
				attribute: list(5, 'AttributeProto'),
				domain: field(7, 'string'),
			},
		},
		AttributeProto: {
			fields: {
				name: field(1, 'string'),
				f: field(2, 'float'),
				i: field(3, 'int64'),
				s: field(4, 'bytes'),
				t: field(5, 'TensorProto'),
				g: field(6, 'GraphProto'),
				floats: packed(7, 'float'),
				ints: packed(8, 'int64'),
				strings: list(9, 'bytes'),
				tensors: list(10, 'TensorProto'),
				graphs: list(11, 'GraphProto'),
				type: field(20, 'int32'),
				refAttrName: field(21, 'string'),
			},
		},
		TensorProto: {
			fields: {
				dims: packed(1, 'int64'),
				dataType: field(2, 'int32'),
				floatData: packed(4, 'float'),
				int32Data: packed(5, 'int32'),
				stringData: list(6, 'bytes'),
				int64Data: packed(7, 'int64'),
				name: field(8, 'string'),
				rawData: field(9, 'bytes'),
				doubleData: packed(10, 'double'),
				uint64Data: packed(11, 'uint64'),
				externalData: list(13, 'StringStringEntryProto'),
				dataLocation: field(14, 'int32'),
			},
		},
		StringStringEntryProto: { fields: { key: field(1, 'string'), value: field(2, 'string') } },
		ValueInfoProto: { fields: { name: field(1, 'string'), type: field(2, 'TypeProto') } },
		TypeProto: { fields: { tensorType: field(1, 'TensorTypeProto') } },
		TensorTypeProto: { fields: { elemType: field(1, 'int32'), shape: field(2, 'TensorShapeProto') } },
		TensorShapeProto: { fields: { dim: list(1, 'DimensionProto') } },
		DimensionProto: {
			oneofs: { value: { oneof: ['dimValue', 'dimParam'] } },
			fields: { dimValue: field(1, 'int64'), dimParam: field(2, 'string') },
		},
		FunctionProto: {
			fields: {
				name: field(1, 'string'),
				input: list(4, 'string'),
				output: list(5, 'string'),
				attribute: list(6, 'string'),
				node: list(7, 'NodeProto'),
				opsetImport: list(9, 'OperatorSetIdProto'),
				domain: field(10, 'string'),
				attributeProto: list(11, 'AttributeProto'),
			},
		},
	},
});

/** The whole of a file. */
export const modelProto = root.lookupType('ModelProto');

/** Numbers of the fields that a file is walked by before it is decoded. */
export const FIELD = { graph: 7, initializer: 5, rawData: 9 } as const;
