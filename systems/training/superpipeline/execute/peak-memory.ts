/** The largest resident set that this process ever had. */
import { readFileSync } from 'node:fs';

/**
 * In bytes. Linux hands a process the largest resident set of the one that started it as its own (`ru_maxrss`), so there the figure
 * comes from the memory itself, which is new with every program (`VmHWM`).
 */
export function peakResidentBytes(): number {
	if (process.platform === 'linux') {
		const line = /^VmHWM:\s*(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
		if (line !== null) return Number(line[1]) * 1024;
	}
	return process.resourceUsage().maxRSS * 1024;
}
