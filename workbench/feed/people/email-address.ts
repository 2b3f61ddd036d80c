/**
 * E-mail addresses as people type them, in the form in which they are compared, hashed and written to. Narrower than RFC 5321 on
 * purpose: no quoted local parts, comments, routes or address literals, which real readers do not have and attackers use.
 */
import { domainToASCII } from 'node:url';
import { InputError, show } from '@assay/contract';
import { z } from 'zod';

/** RFC 5321, section 4.5.3.1, and the correction that a whole path has at most 256 octets with its brackets. */
const MAXIMUM = { address: 254, local: 64, label: 63 };
const EXPECTED = 'an e-mail address such as ada@example.org';

/** Dot-atoms of RFC 5322 without `!` and `%`, which old relays read as routes. */
const LOCAL = /^[a-z0-9#$&'*+/=?^_`{|}~-]+(?:\.[a-z0-9#$&'*+/=?^_`{|}~-]+)*$/;
/** Letters of any script; what is not ASCII becomes punycode. */
const DOMAIN = /^[\p{L}\p{M}\p{N}.-]+$/u;
const LABEL = /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/;

/** Parses to the normalised address: lower case, the domain in ASCII. */
export const emailAddress = z
	.string()
	.max(1000)
	.transform((text, context) => {
		const address = normalise(text);
		if (address !== null) return address;
		context.addIssue({ code: 'custom', message: `expected ${EXPECTED}` });
		return z.NEVER;
	});

/** @throws {InputError} */
export function parseEmailAddress(text: string): string {
	const parsed = emailAddress.safeParse(text);
	if (parsed.success) return parsed.data;
	throw new InputError({ path: ['email'], found: show(text), expected: EXPECTED });
}

function normalise(text: string): string | null {
	const trimmed = text.replace(/^ +| +$/g, '');
	const at = trimmed.lastIndexOf('@');
	if (at < 1) return null;
	const local = trimmed.slice(0, at).toLowerCase();
	const written = trimmed.slice(at + 1);
	if (local.length > MAXIMUM.local || !LOCAL.test(local) || !DOMAIN.test(written)) return null;
	const domain = domainToASCII(written).toLowerCase();
	const labels = domain.split('.');
	const sound = labels.length >= 2 && labels.every((label) => label.length <= MAXIMUM.label && LABEL.test(label));
	if (!sound || /^\d+$/.test(labels.at(-1) ?? '')) return null;
	const address = `${local}@${domain}`;
	return address.length <= MAXIMUM.address ? address : null;
}
