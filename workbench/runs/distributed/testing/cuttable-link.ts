/**
 * A way from a worker to PostgreSQL that a test can cut: through a network namespace of the worker's own where the machine allows that, so that
 * packets vanish as with a pulled cable; else through a proxy that drops its connections and takes no new ones.
 */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect, createServer, type Socket } from 'node:net';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface CuttableLink {
	readonly kind: 'network namespace' | 'proxy';
	/** Address and port under which the worker finds the database. */
	readonly host: string;
	readonly port: number;
	/** Words before a command that is to run at the worker's end. */
	readonly prefix: readonly string[];
	cut(): Promise<void>;
	mend(): Promise<void>;
	close(): Promise<void>;
}

/** Opens a link to a port of this machine. */
export async function openLink(port: number): Promise<CuttableLink> {
	const name = `assay-${randomBytes(3).toString('hex')}`;
	const [here, there] = [`va${name.slice(-6)}`, `vb${name.slice(-6)}`];
	// A block of the range kept for measurements between networks: no route leads there.
	const block = `198.18.${1 + (process.pid % 250)}`;
	const ip = (...words: string[]) => run('ip', words);
	try {
		await ip('netns', 'add', name);
	} catch {
		return openProxy(port);
	}
	const remove = async (): Promise<void> => {
		await ip('link', 'del', here).catch(() => undefined);
		await ip('netns', 'del', name);
	};
	try {
		await ip('link', 'add', here, 'type', 'veth', 'peer', 'name', there, 'netns', name);
		await ip('addr', 'add', `${block}.1/30`, 'dev', here);
		await ip('link', 'set', here, 'up');
		await ip('-n', name, 'addr', 'add', `${block}.2/30`, 'dev', there);
		await ip('-n', name, 'link', 'set', there, 'up');
		await ip('-n', name, 'link', 'set', 'lo', 'up');
	} catch {
		await remove();
		return openProxy(port);
	}
	const forwarder = await forward(`${block}.1`, port);
	return {
		kind: 'network namespace',
		host: `${block}.1`,
		port: forwarder.port,
		prefix: ['ip', 'netns', 'exec', name],
		cut: async () => void (await ip('-n', name, 'link', 'set', there, 'down')),
		mend: async () => void (await ip('-n', name, 'link', 'set', there, 'up')),
		close: async () => {
			await forwarder.close();
			await remove();
		},
	};
}

async function openProxy(port: number): Promise<CuttableLink> {
	const forwarder = await forward('127.0.0.1', port);
	return {
		kind: 'proxy',
		host: '127.0.0.1',
		port: forwarder.port,
		prefix: [],
		cut: async () => forwarder.drop(),
		mend: async () => forwarder.accept(),
		close: () => forwarder.close(),
	};
}

/** Passes connections at `host` on to a port of this machine. */
async function forward(host: string, target: number) {
	const sockets = new Set<Socket>();
	let isOpen = true;
	const join = (from: Socket, to: Socket): void => {
		sockets.add(from);
		from.pipe(to);
		from.on('error', () => to.destroy());
		from.on('close', () => {
			sockets.delete(from);
			to.destroy();
		});
	};
	const server = createServer((socket) => {
		if (!isOpen) return void socket.destroy();
		const up = connect(target, '127.0.0.1');
		join(socket, up);
		join(up, socket);
	});
	await new Promise<void>((resolve) => server.listen(0, host, resolve));
	const address = server.address();
	const dropAll = (): void => {
		for (const socket of sockets) socket.destroy();
	};
	return {
		port: typeof address === 'object' && address !== null ? address.port : 0,
		drop: () => {
			isOpen = false;
			dropAll();
		},
		accept: () => {
			isOpen = true;
		},
		close: async () => {
			dropAll();
			await new Promise((resolve) => server.close(resolve));
		},
	};
}
