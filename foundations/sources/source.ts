/** Data that lives outside Assay and is fetched by name. */
export interface Source {
	/** Name on the command line and in data references. */
	readonly name: string;
	readonly title: string;
	readonly url: string;
	/** Size and SHA-256 (hex) of the file at the URL. */
	readonly bytes: number;
	readonly sha256: string;
	readonly mediaType: string;
	readonly licence: string;
	readonly citation: string;
	/** The same data in a local mirror (`ASSAY_DATA`): its path there, and its SHA-256 where it is not the upstream file byte for byte. */
	readonly mirror: { readonly path: string; readonly sha256?: string };
}
