/** What every page and every API route knows about the request it answers. */
import type { User } from '@assay/feed';
import { createContext } from 'react-router';
import type { Theme } from './preferences.ts';
import type { Services } from './services.ts';

export interface RequestContext {
	readonly services: Services;
	/** Null for a reader who has not signed in. On loopback there is one local user, and it is always signed in. */
	readonly visitor: User | null;
	/** Names the reader in the cache of pages. */
	readonly sessionKey: string;
	/** The session's token, where a cookie brought one that is valid. */
	readonly session: string | null;
	/** True if the request proved itself by an API token, which no other site can make a browser send. */
	readonly hasToken: boolean;
	/** Token that every form must carry. */
	readonly csrf: string;
	/** Prefix of the visitor's network address. */
	readonly network: string;
	readonly theme: Theme;
	/** Whether single keys act in lists of papers. */
	readonly areKeysOn: boolean;
	/** Scheme, host and port that links in feeds and mails start with; no slash at the end. */
	readonly origin: string;
	/** True while the site is written to files: nothing that needs a server is shown. */
	readonly isStatic: boolean;
	readonly now: Date;
	/** Headers that the answer gets, whatever it is. */
	readonly answerHeaders: Headers;
}

/** The key under which pages find their request's context. */
export const requestContext = createContext<RequestContext>();

/** What the server's own routes find with a request. */
export interface AppEnvironment {
	Variables: { context: RequestContext };
}
