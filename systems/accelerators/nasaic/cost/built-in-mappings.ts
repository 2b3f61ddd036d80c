/** The three dataflows of the paper's templates, as MAESTRO writes them: NVDLA (`dla`), ShiDianNao (`shi`) and row-stationary Eyeriss (`rs`). */
import type { Mapping } from './mapping.ts';
import { parseMapping } from './parse-mapping.ts';

export const BUILT_IN_DATAFLOWS = ['shi', 'dla', 'rs'] as const;
export type BuiltInDataflow = (typeof BUILT_IN_DATAFLOWS)[number];

const SOURCES: Readonly<Record<BuiltInDataflow, string>> = {
	/** Output and input channels in parallel, 64 input channels to a cluster; weights stay. */
	dla: `Dataflow {
		SpatialMap(1,1) K; TemporalMap(64,64) C; TemporalMap(Sz(R),Sz(R)) R; TemporalMap(Sz(S),Sz(S)) S;
		TemporalMap(Sz(R),1) Y; TemporalMap(Sz(S),1) X;
		Cluster(64, P);
		SpatialMap(1,1) C; TemporalMap(Sz(R),1) Y; TemporalMap(Sz(S),1) X;
		TemporalMap(Sz(R),Sz(R)) R; TemporalMap(Sz(S),Sz(S)) S;
	}`,
	/** Rows and columns of the output in parallel, eight columns to a cluster; outputs stay. */
	shi: `Dataflow {
		TemporalMap(1,1) K; TemporalMap(1,1) C; SpatialMap(Sz(R),1) Y; TemporalMap(8+Sz(S)-1,8) X;
		TemporalMap(Sz(R),Sz(R)) R; TemporalMap(Sz(S),Sz(S)) S;
		Cluster(8, P);
		SpatialMap(Sz(S),1) X;
	}`,
	/** Rows of the kernel along diagonals of rows of the input; a cluster is as high as the kernel. */
	rs: `Dataflow {
		TemporalMap(2,2) K; TemporalMap(3,3) C; TemporalMap(Sz(R),Sz(R)) R; SpatialMap(Sz(R),1) Y;
		TemporalMap(Sz(S),1) X; TemporalMap(Sz(S),Sz(S)) S;
		Cluster(Sz(R), P);
		SpatialMap(1,1) Y; SpatialMap(1,1) R; TemporalMap(Sz(S),Sz(S)) S;
	}`,
};

export const BUILT_IN_MAPPINGS: Readonly<Record<BuiltInDataflow, Mapping>> = {
	dla: parseMapping('dla', SOURCES.dla),
	shi: parseMapping('shi', SOURCES.shi),
	rs: parseMapping('rs', SOURCES.rs),
};
