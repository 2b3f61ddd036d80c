import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const module = fileURLToPath(new URL('./peak-memory.ts', import.meta.url));

/** A process that keeps some megabytes, then starts another; each prints its largest resident set. */
const script = (megabytes: number, then: string): string => `
import { peakResidentBytes } from ${JSON.stringify(module)};
const kept = Buffer.alloc(${megabytes} << 20, 1);
console.log(kept[0] * peakResidentBytes());
${then}
`;

test('what is freed still counts, and a large parent does not', async () => {
	const child = `
import { execFileSync } from 'node:child_process';
console.log(execFileSync(process.execPath, ['--input-type=module', '--eval', ${JSON.stringify(script(20, ''))}]).toString());`;
	const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script(400, child)]);
	const [parent = 0, started = 0] = stdout.trim().split('\n').map(Number);
	expect(parent).toBeGreaterThan(400 << 20);
	expect(started).toBeGreaterThan(20 << 20);
	expect(started).toBeLessThan(300 << 20);
});
