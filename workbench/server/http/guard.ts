/** Turns what pages throw into what their error page can show: the renderer itself would call every error a fault of ours. */
import { InputError } from '@assay/contract';
import { data, type ServerBuild } from 'react-router';
import { HttpError, problemOf } from './problem.ts';

type RouteModule = NonNullable<ServerBuild['routes'][string]>['module'];

/** A build whose loaders and actions raise problems with their status. */
export function guarded(build: ServerBuild): ServerBuild {
	const routes = Object.entries(build.routes).map(([id, route]) => [
		id,
		route && { ...route, module: guardedModule(route.module) },
	]);
	return { ...build, routes: Object.fromEntries(routes) };
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
			return await inner(...given);
		} catch (error) {
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
