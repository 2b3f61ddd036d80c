/** The process's resident set while something runs: how far it grows above where it started, sampled. */

const SAMPLE_MILLISECONDS = 10;

export class ResidentSet {
	private readonly startBytes = process.memoryUsage.rss();
	private peakBytes = this.startBytes;
	private readonly timer: NodeJS.Timeout;

	constructor() {
		this.timer = setInterval(() => this.sample(), SAMPLE_MILLISECONDS);
		this.timer.unref();
	}

	/** Ends the sampling and returns the largest growth seen. */
	stop(): number {
		this.sample();
		clearInterval(this.timer);
		return this.peakBytes - this.startBytes;
	}

	private sample(): void {
		this.peakBytes = Math.max(this.peakBytes, process.memoryUsage.rss());
	}
}
