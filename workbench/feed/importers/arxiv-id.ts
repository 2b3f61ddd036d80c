/** arXiv identifiers: `YYMM.NNNN` since 2007-04 (five digits since 2015-01), `archive.CL/YYMMNNN` before; `vN` is a version. */

export interface ArxivId {
	/** Without version, as arXiv writes it: `2407.00123`, `cs/0112017`, `math.GT/0309136`. */
	readonly id: string;
	readonly version: number | null;
}

const WHERE =
	/^(?:https?:\/\/(?:[a-z]+\.)?arxiv\.org\/(?:abs|pdf|html|format|src)\/|https?:\/\/(?:dx\.)?doi\.org\/10\.48550\/arxiv\.|10\.48550\/arxiv\.|arxiv:\s*)?/i;
const NEW_STYLE = /^(\d{2})(0[1-9]|1[0-2])\.(\d{4,5})(?:v([1-9]\d{0,2}))?$/i;
const OLD_STYLE = /^([a-z-]{2,20})(\.[a-z]{2})?\/(\d{2})(0[1-9]|1[0-2])(\d{3})(?:v([1-9]\d{0,2}))?$/i;

/** Reads an identifier, bare or in a URL of arXiv, `arXiv:` form or arXiv DOI; null where the text is none. */
export function parseArxivId(value: unknown): ArxivId | null {
	if (typeof value !== 'string' || value.length > 200) return null;
	const bare = value
		.trim()
		.replace(WHERE, '')
		.replace(/[?#].*$/, '')
		.replace(/\.pdf$/i, '');
	const modern = NEW_STYLE.exec(bare);
	if (modern) {
		const [, year, month, number, version] = modern;
		const since = Number(`${year}${month}`);
		if (since < 704 || (number?.length === 5) !== since >= 1501) return null;
		return { id: `${year}${month}.${number}`, version: version === undefined ? null : Number(version) };
	}
	const old = OLD_STYLE.exec(bare);
	if (!old) return null;
	const [, archive, subject, year, month, number, version] = old;
	const yearMonth = Number(`${year}${month}`);
	if (yearMonth > 703 && yearMonth < 9107) return null;
	return {
		id: `${archive?.toLowerCase()}${subject?.toUpperCase() ?? ''}/${year}${month}${number}`,
		version: version === undefined ? null : Number(version),
	};
}
