export * from './advice.ts';
export * from './candidates.ts';
export * from './confidence.ts';
export * from './ranking.ts';
export * from './report.ts';
export * from './subject.ts';
