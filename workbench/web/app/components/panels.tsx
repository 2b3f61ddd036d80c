/** The panels of a report: text, tables, and plots that are drawn when they come into view, each with its figures behind it. */
import type { Panel } from '@assay/contract';
import { type DrawnPanel, drawnHeight, PLOT_SIZE } from '@assay/report/plot-size';
import { plotTable } from '@assay/report/plot-table';
import { useEffect, useRef, useState } from 'react';
import { DataTable } from './data-table.tsx';

export function Panels({
	panels,
	artifactBase,
	heading: Heading = 'h3',
}: {
	readonly panels: readonly Panel[] /** Where files of the run are found; null if there are none. */;
	readonly artifactBase: string | null;
	readonly heading?: 'h2' | 'h3';
}) {
	return panels.map((panel) => (
		<section className="panel" key={panel.title}>
			<Heading>{panel.title}</Heading>
			<PanelBody panel={panel} artifactBase={artifactBase} />
		</section>
	));
}

function PanelBody({ panel, artifactBase }: { readonly panel: Panel; readonly artifactBase: string | null }) {
	switch (panel.kind) {
		case 'text':
			return panel.paragraphs.map((paragraph) => <p key={paragraph}>{paragraph}</p>);
		case 'table':
			return (
				<>
					<DataTable columns={panel.columns} rows={panel.rows} label={panel.title} />
					{panel.note !== undefined && <p className="note">{panel.note}</p>}
				</>
			);
		case 'plot':
		case 'parallel':
		case 'flow':
			return <Figure panel={panel} />;
		case 'image':
			return artifactBase === null ? (
				<p className="note">{panel.alternative}</p>
			) : (
				<img src={`${artifactBase}/${encodeURIComponent(panel.artifact)}`} alt={panel.alternative} />
			);
		case 'file':
			return artifactBase === null ? (
				<p className="note">{panel.note}</p>
			) : (
				<p>
					<a href={`${artifactBase}/${encodeURIComponent(panel.artifact)}`} download={panel.artifact}>
						{panel.artifact}
					</a>{' '}
					<span className="note">{panel.note}</span>
				</p>
			);
	}
}

/** A plot with its caption and, folded away, the figures it shows. */
export function Figure({ panel }: { readonly panel: DrawnPanel }) {
	const table = plotTable(panel);
	const height = drawnHeight(panel);
	return (
		<>
			<figure>
				<Drawing panel={panel} height={height} />
				<figcaption>{panel.note}</figcaption>
			</figure>
			<details>
				<summary>Figures of this plot</summary>
				<DataTable columns={table.columns} rows={table.rows} label={panel.title} />
			</details>
		</>
	);
}

/** The plot itself. The library that draws it is loaded with the first plot that comes near the window. */
function Drawing({ panel, height }: { readonly panel: DrawnPanel; readonly height: number }) {
	const place = useRef<HTMLDivElement>(null);
	const isNear = useNearness(place);
	useEffect(() => {
		if (!isNear) return;
		let isCurrent = true;
		const draw = async (): Promise<void> => {
			const width = Math.max(320, Math.min(PLOT_SIZE.width, place.current?.clientWidth ?? PLOT_SIZE.width));
			const { drawPanel } = await import('./draw-panel.ts');
			if (isCurrent) place.current?.replaceChildren(drawPanel(panel, { width, height }));
		};
		void draw();
		return () => {
			isCurrent = false;
		};
	}, [panel, height, isNear]);
	return <div ref={place} className="drawing" />;
}

function useNearness(place: { readonly current: Element | null }): boolean {
	const [isNear, setNear] = useState(false);
	useEffect(() => {
		if (place.current === null) return;
		const observer = new IntersectionObserver((entries) => entries.some((entry) => entry.isIntersecting) && setNear(true), {
			rootMargin: '400px',
		});
		observer.observe(place.current);
		return () => observer.disconnect();
	}, [place]);
	return isNear;
}
