/** Listens, and stops in good order: no new requests, running runs marked and kept, then the database closed. */
import type { AddressInfo } from 'node:net';
import { InputError } from '@assay/contract';
import { createAdaptorServer, type ServerType } from '@hono/node-server';
import { createApp, type PagesOptions } from './app.ts';
import { type OpenOptions, openServices, type Services } from './services.ts';
import type { ServerSettings } from './settings.ts';
import { keepUp } from './upkeep.ts';

export interface Serving {
	/** Address to open in a browser. */
	readonly url: string;
	readonly services: Services;
	close(): Promise<void>;
}

/** Time that requests under way have to end. */
const LAST_REQUESTS_MILLISECONDS = 2000;
/** Longer than proxies keep an idle connection: the side that hangs up first must not be the one that a request is on its way to. */
const KEEP_ALIVE_MILLISECONDS = 65_000;

/** Opens everything and listens. Raises an InputError if the port is taken or the address is not this machine's. */
export async function serve(
	settings: ServerSettings,
	pages: PagesOptions,
	options: Omit<OpenOptions, 'origin'>,
): Promise<Serving> {
	const host = settings.host.replace(/^\[|\]$/g, '');
	const server = createAdaptorServer({
		fetch: (request, env) => answer(request, env),
		overrideGlobalObjects: false,
		serverOptions: { keepAliveTimeout: KEEP_ALIVE_MILLISECONDS },
	});
	// Listening first tells the port, which links in mails need; requests wait until everything is open.
	let ready: (answer: ReturnType<typeof createApp>['fetch']) => void = () => undefined;
	const opened = new Promise<ReturnType<typeof createApp>['fetch']>((resolve) => {
		ready = resolve;
	});
	const answer = async (request: Request, env: unknown): Promise<Response> => (await opened)(request, env as never);
	await listen(server, host, settings.port);
	const url = settings.publicUrl ?? `http://${host.includes(':') ? `[${host}]` : host}:${addressOf(server).port}`;
	let services: Services;
	try {
		services = await openServices(settings, { ...options, origin: url });
	} catch (error) {
		server.close();
		throw error;
	}
	const ending = new AbortController();
	ready(createApp({ services, ...pages, ending: ending.signal }).fetch);
	const upkeep = keepUp(services, ending.signal);
	return {
		url,
		services,
		close: async () => {
			ending.abort();
			const closed = new Promise((resolve) => server.close(resolve));
			if ('closeIdleConnections' in server) server.closeIdleConnections();
			if ('closeAllConnections' in server) setTimeout(() => server.closeAllConnections(), LAST_REQUESTS_MILLISECONDS).unref();
			await services.queue.close();
			await upkeep;
			await closed;
			await services.close();
		},
	};
}

function listen(server: ServerType, host: string, port: number): Promise<void> {
	return new Promise((resolve, reject) => {
		server.once('error', (error) => reject(refusalOf(error, host, port)));
		server.listen(port, host, () => {
			server.removeAllListeners('error');
			resolve();
		});
	});
}

/** What a user can mend: a port that is taken or reserved, an address that is not this machine's. */
function refusalOf(error: NodeJS.ErrnoException, host: string, port: number): Error {
	const reasons: Readonly<Record<string, string>> = {
		EADDRINUSE: `port ${port}, which is taken`,
		EACCES: `port ${port}, which this user may not open`,
		EADDRNOTAVAIL: `${host}, which is not an address of this machine`,
		ENOTFOUND: `${host}, which nobody knows`,
	};
	const found = reasons[error.code ?? ''];
	if (found === undefined) return error;
	return new InputError({
		path: [error.code === 'EADDRINUSE' || error.code === 'EACCES' ? '--port' : '--host'],
		found,
		expected: 'one that is free and this machine’s',
	});
}

function addressOf(server: ServerType): AddressInfo {
	const address = server.address();
	if (address === null || typeof address === 'string') throw new TypeError('the server has no port');
	return address;
}
