/** The description of the REST API. */
import type { OpenAPIObject } from 'openapi3-ts/oas31';
export function openApiDocument(_origin: string): OpenAPIObject {
	return { openapi: '3.1.0', info: { title: 'Assay', version: '1' }, paths: {} };
}
