export * from './columns.ts';
export * from './event-queue.ts';
export * from './resource.ts';
export * from './simulation.ts';
export * from './timeline.ts';
