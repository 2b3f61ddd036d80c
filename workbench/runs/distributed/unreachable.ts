/** Whether an error says that the database could not be reached, or went away; the statement may be tried again. */
export function isUnreachable(error: unknown): boolean {
	if (!(error instanceof Error)) return false;
	const code = 'code' in error ? String(error.code) : '';
	// Class 08: connection exceptions; 57P: the server is shut down, crashes or starts.
	if (/^(08|57P0|ECONN|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN)/.test(code)) return true;
	if (error instanceof AggregateError) return error.errors.some(isUnreachable);
	return /Connection terminated|timeout|not queryable|connection error|Client has encountered/i.test(error.message);
}
