/** Measures a system's claims again, here and now, and says how far that is. */
import type { Measurement } from '@assay/runs';
import { useEffect } from 'react';
import { Form, useRevalidator } from 'react-router';
import { useSite } from './frame.tsx';

const LOOK_AGAIN_MILLISECONDS = 1000;

export function MeasureAgain({ slug, measurement }: { readonly slug: string; readonly measurement: Measurement | null }) {
	const { csrf, visitor, isStatic } = useSite();
	const { revalidate } = useRevalidator();
	const underWay = measurement === null || measurement.state === 'failed' ? null : measurement;
	const isUnderWay = underWay !== null;
	useEffect(() => {
		if (!isUnderWay) return;
		const timer = setInterval(() => void revalidate(), LOOK_AGAIN_MILLISECONDS);
		return () => clearInterval(timer);
	}, [isUnderWay, revalidate]);
	if (isStatic || visitor === null) return null;
	if (underWay !== null) {
		const fraction = underWay.state === 'working' ? underWay.fraction : undefined;
		return (
			<section className="progress" aria-label="Measurement">
				<progress max={1} value={fraction} aria-label="Progress of the measurement" />
				<p className="note" role="status">
					{underWay.state === 'waiting' ? 'Waiting for its turn.' : `${Math.round(underWay.fraction * 100)} %: ${underWay.note}`}
				</p>
			</section>
		);
	}
	return (
		<>
			{measurement?.state === 'failed' && (
				<p className="message bad" role="alert">
					{measurement.message.split('\n')[0]}
				</p>
			)}
			<Form method="post" action={`/systems/${slug}`} className="row actions" preventScrollReset>
				<input type="hidden" name="csrf" value={csrf} />
				<input type="hidden" name="do" value="measure" />
				<button type="submit" name="which" value="quick">
					Measure again what takes seconds
				</button>
				<button type="submit" name="which" value="all" className="quiet">
					all of them
				</button>
			</Form>
		</>
	);
}
