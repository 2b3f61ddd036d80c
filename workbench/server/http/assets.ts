/** The built files of the pages: names carry a hash of their content, so browsers keep them for good; the build compressed them. */
import { readFile, stat } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
	'.js': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.svg': 'image/svg+xml',
	'.png': 'image/png',
	'.ico': 'image/x-icon',
	'.woff2': 'font/woff2',
	'.json': 'application/json',
	'.txt': 'text/plain; charset=utf-8',
	'.webmanifest': 'application/manifest+json',
};

interface Asset {
	readonly type: string;
	readonly plain: Uint8Array<ArrayBuffer>;
	readonly brotli?: Uint8Array<ArrayBuffer>;
	readonly gzip?: Uint8Array<ArrayBuffer>;
}

export class Assets {
	private readonly folder: string;
	private readonly known = new Map<string, Promise<Asset | undefined>>();

	constructor(folder: string) {
		this.folder = folder;
	}

	/** The file of a path below the folder, or nothing. Each file is read once. */
	async respond(path: string, acceptEncoding: string): Promise<Response | undefined> {
		const name = normalize(path).replace(/^[/\\]+/, '');
		if (!/^[\w./-]+$/.test(name) || name.split(sep).some((part) => part.startsWith('.')) || TYPES[extname(name)] === undefined)
			return undefined;
		if (!this.known.has(name)) this.known.set(name, this.load(name));
		const asset = await this.known.get(name);
		if (asset === undefined) {
			this.known.delete(name);
			return undefined;
		}
		const headers = new Headers({
			'content-type': asset.type,
			'cache-control': name.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'public, max-age=3600',
			vary: 'accept-encoding',
			// A worker lives under the policy of its own script.
			'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'",
		});
		if (asset.brotli !== undefined && /\bbr\b/.test(acceptEncoding)) {
			headers.set('content-encoding', 'br');
			return new Response(asset.brotli, { headers });
		}
		if (asset.gzip !== undefined && /\bgzip\b/.test(acceptEncoding)) {
			headers.set('content-encoding', 'gzip');
			return new Response(asset.gzip, { headers });
		}
		return new Response(asset.plain, { headers });
	}

	private async load(name: string): Promise<Asset | undefined> {
		const file = join(this.folder, name);
		if (!((await stat(file).catch(() => undefined))?.isFile() ?? false)) return undefined;
		const plain = new Uint8Array(await readFile(file));
		const type = TYPES[extname(name)] ?? 'application/octet-stream';
		const [brotli, gzip] = await Promise.all(['br', 'gz'].map((ending) => readIfThere(`${file}.${ending}`)));
		return { type, plain, ...(brotli !== undefined && { brotli }), ...(gzip !== undefined && { gzip }) };
	}
}

async function readIfThere(file: string): Promise<Uint8Array<ArrayBuffer> | undefined> {
	try {
		return new Uint8Array(await readFile(file));
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw error;
	}
}
