/** All papers of an author, an organisation or a topic. */
import { Link } from 'react-router';
import type { ListedPaper } from '../server/listed-papers.server.ts';
import { useSite } from './frame.tsx';
import { PaperList } from './paper-list.tsx';

export interface NamedListData {
	/** `Author`, `Organisation`, `Topic`. */
	readonly kind: string;
	readonly name: string;
	readonly path: string;
	readonly papers: readonly ListedPaper[];
	readonly total: number;
	readonly page: number;
	readonly pageSize: number;
}

export function NamedList({ list }: { readonly list: NamedListData }) {
	const { isStatic } = useSite();
	const { kind, name, path, papers, total, page, pageSize } = list;
	return (
		<div className="reading">
			<header className="page-head">
				<p className="eyebrow">{kind}</p>
				<h1>{name}</h1>
				<p className="byline">
					{total === 1 ? '1 paper' : `${total} papers`}
					{kind !== 'Author' && !isStatic && (
						<>
							{' · '}
							<a href={`/feeds${path}.atom`}>Atom feed</a>
						</>
					)}
				</p>
			</header>
			<PaperList papers={papers} heading="h2" start={(page - 1) * pageSize + 1} label={name} />
			<nav className="pager" aria-label="Pages">
				<span>{page > 1 && <Link to={`${path}?page=${page - 1}`}>Newer</Link>}</span>
				<span>{page * pageSize < total && <Link to={`${path}?page=${page + 1}`}>Older</Link>}</span>
			</nav>
		</div>
	);
}
