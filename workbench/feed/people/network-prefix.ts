/** The part of a network address that tells networks apart but not the people in them: /24 for IPv4, /48 for IPv6. */
import { isIPv4, isIPv6 } from 'node:net';

/** `192.0.2.0/24`, `2001:db8:1::/48`, or `unknown`; IPv4 inside IPv6 counts as IPv4. */
export function networkPrefix(address: string): string {
	if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
	const [bare = ''] = address.split('%');
	if (!isIPv6(bare)) return 'unknown';
	const groups = ipv6Groups(bare);
	const mapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
	if (mapped) return `${groups[6]! >> 8}.${groups[6]! & 255}.${groups[7]! >> 8}.0/24`;
	const prefix = groups.slice(0, 3).map((group) => group.toString(16));
	return `${prefix.join(':')}::/48`;
}

/** The eight 16-bit groups of a valid IPv6 address. */
function ipv6Groups(address: string): number[] {
	const [before = '', after] = address.split('::');
	const head = groupsOf(before);
	const tail = after === undefined ? [] : groupsOf(after);
	return [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => 0), ...tail];
}

function groupsOf(text: string): number[] {
	if (text === '') return [];
	return text.split(':').flatMap((group) => {
		if (!group.includes('.')) return [Number.parseInt(group, 16)];
		const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
		return [a * 256 + b, c * 256 + d];
	});
}
