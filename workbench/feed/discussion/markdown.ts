/**
 * What people write, as HTML that can do nothing. Two walls stand behind each other: the Markdown reader takes HTML for plain
 * text, and whatever it makes of the rest passes a list of what is allowed.
 */
import { InputError } from '@assay/contract';
import MarkdownIt from 'markdown-it';
import sanitizeHtml from 'sanitize-html';

/** Characters of a comment as written. */
export const COMMENT_LIMIT = 10_000;

export const ALLOWED_TAGS = ['p', 'br', 'hr', 'strong', 'em', 's', 'code', 'pre', 'blockquote', 'ul', 'ol', 'li', 'a'] as const;

/** Links go elsewhere, and to where a browser only reads. */
const LINK = /^(?:https?:\/\/|mailto:)/i;

const reader = new MarkdownIt({ html: false, linkify: true, breaks: true, maxNesting: 20 });
reader.validateLink = (url) => LINK.test(url);
reader.disable(['image', 'heading', 'lheading', 'table', 'html_block', 'html_inline']);

/**
 * Renders a comment.
 * @throws {InputError} when it is empty or longer than 10,000 characters.
 */
export function renderMarkdown(body: string): string {
	if (body.length > COMMENT_LIMIT || body.trim() === '')
		throw new InputError({
			path: ['body'],
			found: `${body.length} characters`,
			expected: `1 to ${COMMENT_LIMIT} characters that are not all blank`,
		});
	return sanitizeHtml(reader.render(body), {
		allowedTags: [...ALLOWED_TAGS],
		allowedAttributes: { a: ['href', 'rel'], ol: ['start'] },
		allowedSchemes: ['http', 'https', 'mailto'],
		allowProtocolRelative: false,
		transformTags: { a: markedLink },
	}).trim();
}

/** A link is marked as not ours. What would have come this far without being one loses its address. */
function markedLink(tagName: string, attributes: sanitizeHtml.Attributes): sanitizeHtml.Tag {
	const href = attributes['href'] ?? '';
	return { tagName, attribs: LINK.test(href) ? { href, rel: 'nofollow ugc noopener' } : {} };
}
