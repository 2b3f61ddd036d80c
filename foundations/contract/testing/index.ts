export * from './contract-suite.ts';
export * from './withdraw-published.ts';
