/** What is wider than the page scrolls by itself, also by keyboard. */
import type { ReactNode } from 'react';

export function Scroller({ label, children }: { readonly label: string; readonly children: ReactNode }) {
	return (
		<section className="table" tabIndex={0} aria-label={label}>
			{children}
		</section>
	);
}
