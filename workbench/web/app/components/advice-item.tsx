/** One technique of an advice: what it gains and takes, how sure that is, and the run it is from. */
import { Link } from 'react-router';
import type { adviceItem } from '../server/advise.server.ts';

const CHIP = { enables: 'chip good', pays: 'chip good', 'no difference': 'chip', 'does not pay': 'chip bad' } as const;
const LEVEL = {
	high: 'high: within 5 % of measurements',
	medium: 'medium: within 15 % of measurements',
	low: 'low: more than 15 % off measurements',
	unknown: 'unknown: not compared with measurements',
} as const;

export function AdviceItem({ item }: { readonly item: ReturnType<typeof adviceItem> }) {
	const gains = Object.entries(item.gains).filter((entry): entry is [string, number] => entry[1] !== undefined);
	const costs = Object.entries(item.costs).filter(([, text]) => text !== undefined);
	return (
		<li>
			<h3>
				<Link to={`/systems/${item.system}`}>{item.title}</Link> <span className={CHIP[item.verdict]}>{item.verdict}</span>
			</h3>
			{item.enables !== null && <p>Without it this cannot be done: {item.enables}.</p>}
			{gains.length > 0 && (
				<dl className="facts">
					{gains.map(([measure, ratio]) => (
						<div key={measure} className="fact">
							<dt>{measure}</dt>
							<dd>× {ratio.toPrecision(3)}</dd>
						</div>
					))}
				</dl>
			)}
			<p className="note">Against {item.against}.</p>
			<p>{item.headline}</p>
			{costs.length > 0 && (
				<ul>
					{costs.map(([what, text]) => (
						<li key={what}>
							{what}: {text}
						</li>
					))}
				</ul>
			)}
			<details>
				<summary>Confidence {LEVEL[item.confidence.level]}</summary>
				<p className="note">{item.confidence.text}.</p>
			</details>
			<p className="note">
				<Link to={`/runs/${item.run}`}>The run</Link> these figures are from · <code>{item.command}</code> · the paper,{' '}
				<Link to={`/papers/${item.system}`}>{item.paper.title}</Link>
			</p>
		</li>
	);
}
