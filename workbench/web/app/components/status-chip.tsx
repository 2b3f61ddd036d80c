/** The state of a run. */
const CHIP = {
	queued: 'chip',
	running: 'chip run',
	done: 'chip good',
	failed: 'chip bad',
	stopped: 'chip warn',
	interrupted: 'chip warn',
} as const;

export function StatusChip({ status }: { readonly status: keyof typeof CHIP }) {
	return <span className={CHIP[status]}>{status}</span>;
}
