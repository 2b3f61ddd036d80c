import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
import { plotStyles } from '@assay/report';
import { openServices, type PagesOptions, serve, serverSettings, siteAddress, writeStaticSite } from '@assay/server';
import { openBuild } from '@assay/web/build';
import { integerOption, workingFolder } from '../read-inputs.ts';
import { note, Progress, print, stopSignal } from '../terminal.ts';

interface ServeOptions {
	readonly host?: string;
	readonly port?: string;
	readonly hands?: string;
	readonly executor?: string;
	readonly static?: string;
	readonly address?: string;
}

/** `assay serve` */
export async function serveVerb(options: ServeOptions): Promise<void> {
	const settings = serverSettings({
		host: options.host,
		port: options.port === undefined ? undefined : integerOption(options.port, 'port', 0, 65_535),
		hands: options.hands === undefined ? Math.max(1, availableParallelism() - 1) : integerOption(options.hands, 'hands', 1, 256),
		sweepExecutor: options.executor,
		environment: process.env,
	});
	const built = await openBuild(() => note('building the pages, once after each change ...'));
	const pages = { ...built, plotStyles: plotStyles() };
	const signal = stopSignal();
	if (options.static !== undefined) return writeSite(options.static, options.address, pages, signal);
	const serving = await serve(settings, pages, { environment: process.env, log: note });
	print(`Assay is at ${serving.url}`);
	note('Ctrl-C stops it; runs at work are kept and can be resumed.');
	await new Promise<void>((ended) => signal.addEventListener('abort', () => ended(), { once: true }));
	await serving.close();
}

/** `assay serve --static <folder>` */
async function writeSite(target: string, address: string | undefined, pages: PagesOptions, signal: AbortSignal): Promise<void> {
	const folder = resolve(workingFolder(), target);
	const origin = address === undefined ? null : siteAddress(address);
	const services = await openServices(serverSettings({ hands: 1, environment: {} }), {
		origin: origin ?? 'http://127.0.0.1',
		environment: process.env,
		log: note,
	});
	const progress = new Progress();
	try {
		const onPage = (fraction: number, path: string): void => progress.update(fraction, path);
		const paths = await writeStaticSite(services, { ...pages, folder, address: origin, onPage, signal });
		progress.clear();
		print(`${paths.length} pages are in ${folder}; serve it as the root of a site.`);
	} finally {
		progress.clear();
		await services.close();
	}
}
