/** Lengths as people write them. */

/** 65536 as 64K, 1048576 as 1M; others with commas. */
export function lengthLabel(tokens: number): string {
	if (tokens >= 2 ** 20 && tokens % 2 ** 20 === 0) return `${tokens / 2 ** 20}M`;
	if (tokens >= 1024 && tokens % 1024 === 0) return `${tokens / 1024}K`;
	return tokens.toLocaleString('en');
}
