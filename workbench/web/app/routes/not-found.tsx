/** Any address that leads nowhere. */
import { HttpError } from '@assay/server';

export function loader(): never {
	throw new HttpError(404, 'There is no such page.');
}

export default function NotFound() {
	return null;
}
