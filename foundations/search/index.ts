export * from './pareto-front.ts';
