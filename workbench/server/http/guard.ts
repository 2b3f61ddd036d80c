/** Turns what pages throw into what their error page can show: the renderer itself would call every error a fault of ours. */
import { InputError } from '@assay/contract';
import { data, isRouteErrorResponse, type ServerBuild } from 'react-router';
import { HttpError, problemOf } from './problem.ts';

type RouteModule = NonNullable<ServerBuild['routes'][string]>['module'];

/** A build whose loaders and actions raise problems with their status, and whose faults, but no client's mistakes, are logged. */
export function guarded(build: ServerBuild, log: (message: string) => void): ServerBuild {
	const routes = Object.entries(build.routes).map(([id, route]) => [
		id,
		route && { ...route, module: guardedModule(route.module) },
	]);
	const handleError = (error: unknown, { request }: { readonly request: Request }): void => {
		if (request.signal.aborted || (isRouteErrorResponse(error) && error.status < 500)) return;
		const said = error instanceof Error ? (error.stack ?? error.message) : JSON.stringify(error);
		log(`${request.method} ${new URL(request.url).pathname}: ${said}`);
	};
	const entry = { ...build.entry, module: { ...build.entry.module, handleError } };
	return { ...build, entry, routes: Object.fromEntries(routes) };
}

function guardedModule(module: RouteModule): RouteModule {
	const { loader, action } = module;
	return {
		...module,
		...(loader !== undefined && { loader: guardedFunction(loader, 404) }),
		...(action !== undefined && { action: guardedFunction(action, 422) }),
	};
}

/** @param inputStatus status of an InputError: an address that names what is not there, or a form that will not do. */
function guardedFunction<Arguments extends unknown[], Result>(
	inner: (...given: Arguments) => Result | Promise<Result>,
	inputStatus: number,
): (...given: Arguments) => Promise<Result> {
	return async (...given) => {
		try {
			return keptHere(await inner(...given));
		} catch (error) {
			if (error instanceof Response) throw keptHere(error);
			if (error instanceof InputError)
				throw data(
					{ ...problemOf(error), title: inputStatus === 404 ? 'Not found' : 'That will not do' },
					{ status: inputStatus },
				);
			if (error instanceof HttpError) throw data(problemOf(error), { status: error.status });
			throw error;
		}
	};
}

const HERE = 'http://this.site';

/** Redirects stay on this site, whatever address a link or a form asked to go back to. */
function keptHere<Result>(result: Result): Result {
	const location = result instanceof Response ? result.headers.get('location') : null;
	if (result instanceof Response && location !== null && URL.parse(location, HERE)?.origin !== HERE)
		result.headers.set('location', '/');
	return result;
}
