/** All operations of the REST API and their description. */
import { adviceOperations } from './advice.ts';
import { Api } from './api.ts';
import { discussionOperations } from './discussion.ts';
import { describeFiles } from './file-descriptions.ts';
import { paperOperations } from './papers.ts';
import { peopleOperations } from './people.ts';
import { runOperations } from './runs.ts';
import { systemOperations } from './systems.ts';

export const api = new Api();
paperOperations(api);
discussionOperations(api);
systemOperations(api);
runOperations(api);
adviceOperations(api);
peopleOperations(api);
describeFiles(api);

export function openApiDocument(origin: string) {
	return api.document(origin);
}
