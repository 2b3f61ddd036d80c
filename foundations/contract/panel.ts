/**
 * What a report is made of. Systems describe panels and never draw: the command line renders them to text, SVG and
 * HTML, the web pages to interactive plots, and every plot can be read as the table it holds.
 */

/** A cell of a table or a datum of a plot. `null` is "no such figure". */
export type Value = string | number | boolean | null;
export type Row = Readonly<Record<string, Value>>;

export interface Column {
	readonly key: string;
	readonly label: string;
	/** Unit as the field writes it; shown in the column's head. */
	readonly unit?: string;
	/** Significant digits to show (4 unless told). Files always carry full precision. */
	readonly digits?: number;
}

export interface TablePanel {
	readonly kind: 'table';
	readonly title: string;
	readonly note?: string;
	readonly columns: readonly Column[];
	readonly rows: readonly Row[];
}

export interface Axis {
	readonly label: string;
	readonly unit?: string;
	readonly scale?: 'linear' | 'log' | 'band';
	/** Forces zero into the domain. */
	readonly zero?: boolean;
}

/** A layer of a plot. `x`, `y`, ... name keys of the rows; `color` names the key whose values tell series apart. */
export type Mark =
	| {
			readonly mark: 'line' | 'dot';
			readonly data: readonly Row[];
			readonly x: string;
			readonly y: string;
			readonly color?: string;
			/** Key whose values part the rows into lines of their own, where colour alone does not. */
			readonly series?: string;
	  }
	| {
			readonly mark: 'area';
			readonly data: readonly Row[];
			readonly x: string;
			readonly y1: string;
			readonly y2: string;
			readonly color?: string;
	  }
	/** Bars along y over the bands of x, or along x over the bands of y. */
	| {
			readonly mark: 'bar';
			readonly data: readonly Row[];
			readonly x: string;
			readonly y: string;
			readonly along: 'x' | 'y';
			readonly color?: string;
			readonly facet?: string;
	  }
	/** Rectangles from x1 to x2 in the band y: a Gantt chart. */
	| {
			readonly mark: 'span';
			readonly data: readonly Row[];
			readonly x1: string;
			readonly x2: string;
			readonly y: string;
			readonly color?: string;
	  }
	/** Thin lines with ends from x1 to x2 in the band y: how sure a bar is. */
	| { readonly mark: 'interval'; readonly data: readonly Row[]; readonly x1: string; readonly x2: string; readonly y: string }
	/** One coloured cell for each (x, y): a heat map. */
	| {
			readonly mark: 'cell';
			readonly data: readonly Row[];
			readonly x: string;
			readonly y: string;
			readonly value: string;
			readonly label?: string;
	  }
	/** Filled contours of `value` over a regular grid of (x, y). */
	| { readonly mark: 'contour'; readonly data: readonly Row[]; readonly x: string; readonly y: string; readonly value: string }
	/** Straight reference line at one x or one y. */
	| { readonly mark: 'rule'; readonly x?: number; readonly y?: number; readonly label: string };

export interface PlotPanel {
	readonly kind: 'plot';
	readonly title: string;
	/** What the reader should see in it; also the plot's text for screen readers. */
	readonly note: string;
	readonly x: Axis;
	readonly y: Axis;
	/** What `color` or `value` means. */
	readonly color?: { readonly label: string; readonly unit?: string };
	readonly marks: readonly Mark[];
}

/** Parallel coordinates: an upright axis for each column, a line through them for each row. */
export interface ParallelPanel {
	readonly kind: 'parallel';
	readonly title: string;
	/** What the reader should see in it; also the plot's text for screen readers. */
	readonly note: string;
	/** Axes from left to right. Numbers stand from the least to the greatest, other values apart from each other. */
	readonly axes: readonly (Column & { readonly scale?: 'linear' | 'log' })[];
	/** Later rows are drawn over earlier ones; a line is broken where a row has no value. */
	readonly rows: readonly Row[];
	/** Key whose values tell lines apart. */
	readonly color?: string;
}

/** A Sankey diagram: quantities that flow along links; link width is proportional to `value`. */
export interface FlowPanel {
	readonly kind: 'flow';
	readonly title: string;
	readonly note: string;
	readonly unit: string;
	readonly nodes: readonly { readonly id: string; readonly label: string }[];
	readonly links: readonly { readonly source: string; readonly target: string; readonly value: number }[];
}

/** Paragraphs of plain text; the first is what a hurried reader needs. */
export interface TextPanel {
	readonly kind: 'text';
	readonly title: string;
	readonly paragraphs: readonly string[];
}

/** An image kept as an artifact of the run. */
export interface ImagePanel {
	readonly kind: 'image';
	readonly title: string;
	readonly artifact: string;
	readonly alternative: string;
}

/** A file kept as an artifact of the run. */
export interface FilePanel {
	readonly kind: 'file';
	readonly title: string;
	readonly artifact: string;
	readonly note: string;
}

export type Panel = TablePanel | PlotPanel | ParallelPanel | FlowPanel | TextPanel | ImagePanel | FilePanel;
