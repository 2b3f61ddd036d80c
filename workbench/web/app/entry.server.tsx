/** Renders a page to the last byte before it is sent: pages are cached whole. */
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { scriptMarkHeader } from '@assay/server';
import { renderToPipeableStream } from 'react-dom/server';
import { type EntryContext, ServerRouter } from 'react-router';

export default function handleRequest(
	request: Request,
	status: number,
	headers: Headers,
	routerContext: EntryContext,
): Promise<Response> {
	const nonce = request.headers.get(scriptMarkHeader) ?? '';
	return new Promise((resolve, reject) => {
		const { pipe } = renderToPipeableStream(<ServerRouter context={routerContext} url={request.url} nonce={nonce} />, {
			nonce,
			onAllReady() {
				headers.set('content-type', 'text/html; charset=utf-8');
				const body = new PassThrough();
				buffer(body).then((bytes) => resolve(new Response(new Uint8Array(bytes), { status, headers })), reject);
				pipe(body);
			},
			onShellError: reject,
			onError: reject,
		});
	});
}
