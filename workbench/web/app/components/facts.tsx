/** A list of terms, each with what there is to say of it. */
export function Facts({ facts }: { readonly facts: readonly (readonly [term: string, text: string | number])[] }) {
	return (
		<dl className="facts">
			{facts.map(([term, text]) => (
				<div key={term} className="fact">
					<dt>{term}</dt>
					<dd>{text}</dd>
				</div>
			))}
		</dl>
	);
}
