export * from './folder.ts';
export * from './format.ts';
export * from './html.ts';
export * from './plot-size.ts';
export * from './plot-table.ts';
export * from './svg.ts';
export * from './text.ts';
