#!/usr/bin/env node
// The one file that is not TypeScript: it turns on Node's cache of compiled (and type-stripped) modules before the
// first TypeScript file is read, which makes every start after the first three times faster.
import { enableCompileCache } from 'node:module';

// V8 loses track of code pages where WebAssembly comes and goes on several threads, and ends the process (nodejs/node issue
// 64500), unless this is off from its start. Where systems run, the process is replaced by itself, which keeps its number,
// files and signals; other verbs save the time.
const KEYS_OFF = '--no-memory-protection-keys';
const runsSystems = /^(run|runs|reproduce|sweep|advise|serve)$/.test(process.argv[2] ?? 'serve');
const isAffected = process.platform === 'linux' && process.arch === 'x64' && typeof process.execve === 'function';
if (runsSystems && isAffected && !process.execArgv.includes(KEYS_OFF))
	process.execve(process.execPath, [process.execPath, KEYS_OFF, ...process.execArgv, ...process.argv.slice(1)]);

enableCompileCache();
await import('./main.ts');
