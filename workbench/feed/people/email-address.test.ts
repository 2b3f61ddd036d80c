import { InputError } from '@assay/contract';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { emailAddress, parseEmailAddress } from './email-address.ts';

test.each([
	['Ada@Example.ORG', 'ada@example.org'],
	['  ada.lovelace+papers@mail.example.org ', 'ada.lovelace+papers@mail.example.org'],
	["o'brien_1=x@example.org", "o'brien_1=x@example.org"],
	// xn--bcher-kva is the Punycode of bücher that RFC 3492's algorithm gives.
	['info@bücher.example', 'info@xn--bcher-kva.example'],
	['info@xn--bcher-kva.example', 'info@xn--bcher-kva.example'],
	[`${'a'.repeat(64)}@example.org`, `${'a'.repeat(64)}@example.org`],
])('%j becomes %j', (text, address) => expect(parseEmailAddress(text)).toBe(address));

test.each([
	'',
	'ada',
	'@example.org',
	'ada@',
	'ada@localhost',
	'ada@example..org',
	'ada@-example.org',
	'ada@example-.org',
	'ada@example.org.',
	'.ada@example.org',
	'ada.@example.org',
	'a..b@example.org',
	'a b@example.org',
	'a@b@example.org',
	'"ada"@example.org',
	'"a\\"@evil.org,b"@example.org',
	'ada(comment)@example.org',
	'Ada <ada@example.org>',
	'<ada@example.org>',
	'ada@example.org,eve@example.org',
	'ada@example.org;eve@example.org',
	'ada%example.org@relay.org',
	'relay.org!ada@example.org',
	'ada@[192.0.2.1]',
	'ada@192.0.2.1',
	'ada@example.org\r\nBcc: eve@example.org',
	'ada@example.org\nBcc: eve@example.org',
	'ada\r\n@example.org',
	'ada\0@example.org',
	'ada@exam\0ple.org',
	'ada@exam\tple.org',
	'ada@exam%70le.org',
	'ada@example.org\u2028',
	`${'a'.repeat(65)}@example.org`,
	`ada@${'a'.repeat(64)}.org`,
	`ada@${'abcdefghi.'.repeat(26)}org`,
	'x'.repeat(100_000),
])('%j is refused', (text) => expect(() => parseEmailAddress(text)).toThrow(InputError));

test('whatever is accepted is one short line of ASCII, stays as it is when parsed again, and can break no header', () => {
	const piece = fc.oneof(
		fc.string({ unit: 'binary', maxLength: 12 }),
		fc.constantFrom('ada', 'example.org', '@', '.', '"', '\r\n', 'ü', '<'),
	);
	const text = fc.oneof(
		fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
		fc.tuple(fc.string({ maxLength: 10 }), fc.domain()).map(([local, domain]) => `${local}@${domain}`),
		fc.emailAddress(),
	);
	let accepted = 0;
	fc.assert(
		fc.property(text, (input) => {
			const parsed = emailAddress.safeParse(input);
			if (!parsed.success) return;
			accepted += 1;
			expect(parsed.data).toMatch(/^[!-~]+@[a-z0-9.-]+$/);
			expect(parsed.data).not.toMatch(/["<>(),;:\\]/);
			expect(parsed.data.length).toBeLessThanOrEqual(254);
			expect(parseEmailAddress(parsed.data)).toBe(parsed.data);
		}),
		{ numRuns: 2000 },
	);
	expect(accepted).toBeGreaterThan(300);
});
