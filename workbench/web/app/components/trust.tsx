/** How far a system's predictions can be trusted: their errors against measurements that others published. */
export function Trust({ lines }: { readonly lines: readonly string[] }) {
	if (lines.length === 0) return null;
	return (
		<ul className="plain note" aria-label="Errors against published measurements">
			{lines.map((line) => (
				<li key={line}>{line}</li>
			))}
		</ul>
	);
}
