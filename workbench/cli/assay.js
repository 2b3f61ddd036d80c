#!/usr/bin/env node
// The one file that is not TypeScript: it turns on Node's cache of compiled (and type-stripped) modules before the
// first TypeScript file is read, which makes every start after the first three times faster.
import { enableCompileCache } from 'node:module';

enableCompileCache();
await import('./main.ts');
