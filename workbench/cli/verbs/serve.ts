import { availableParallelism } from 'node:os';
import { plotStyles } from '@assay/report';
import { serve, serverSettings } from '@assay/server';
import { openBuild } from '@assay/web/build';
import { integerOption } from '../read-inputs.ts';
import { note, print, stopSignal } from '../terminal.ts';

interface ServeOptions {
	readonly host?: string;
	readonly port?: string;
	readonly hands?: string;
}

/** `assay serve` */
export async function serveVerb(options: ServeOptions): Promise<void> {
	const settings = serverSettings({
		host: options.host,
		port: options.port === undefined ? undefined : integerOption(options.port, 'port', 0, 65_535),
		hands: options.hands === undefined ? Math.max(1, availableParallelism() - 1) : integerOption(options.hands, 'hands', 1, 256),
		environment: process.env,
	});
	const pages = { ...(await openBuild(() => note('building the pages, once after each change ...'))), plotStyles: plotStyles() };
	const signal = stopSignal();
	const serving = await serve(settings, pages, { environment: process.env, log: note });
	print(`Assay is at ${serving.url}`);
	note('Ctrl-C stops it; runs at work are kept and can be resumed.');
	await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
	note('stopping ...');
	await serving.close();
}
