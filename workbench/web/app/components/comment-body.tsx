/** The text of a comment: HTML that the feed's Markdown renderer made, which lets through a short list of tags only. */
export function CommentBody({ html }: { readonly html: string }) {
	return <div className="body" dangerouslySetInnerHTML={{ __html: html }} />;
}
