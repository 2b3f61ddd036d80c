export * from './columns.ts';
export * from './event-queue.ts';
export * from './resource.ts';
export * from './simulation.ts';
export * from './task-graph.ts';
export * from './timeline.ts';
