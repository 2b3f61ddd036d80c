export { saltelliDesign } from './designs/saltelli.ts';
export type { Factor, FactorShare, Share } from './factor.ts';
export * from './sensitivity.ts';
export * from './sentence.ts';
