import { XMLBuilder } from 'fast-xml-parser';

const builder = new XMLBuilder({
	ignoreAttributes: false,
	attributeNamePrefix: '@',
	// An attribute whose text is "true" is written with it.
	suppressBooleanAttributes: false,
	suppressEmptyNode: true,
	format: true,
});

/** A document of one root element; keys that begin with `@` are attributes, `#text` is text; all of it is escaped. */
export function xmlDocument(root: Readonly<Record<string, unknown>>): string {
	return `<?xml version="1.0" encoding="utf-8"?>\n${builder.build(root)}`;
}
