/** Claims with ours beside theirs. */
import type { ClaimRow } from '../server/claims.server.ts';
import { Scroller } from './scroller.tsx';

const CHIP = { reproduced: 'chip good', off: 'chip bad', quoted: 'chip', skipped: 'chip warn' } as const;
const MEANS = {
	reproduced: 'Within the tolerance that was chosen before the first measurement.',
	off: 'Outside the tolerance.',
	quoted: 'Shown for completeness; not measured here.',
	skipped: 'Could be measured, but has not been.',
} as const;

export function VerdictChip({ verdict }: { readonly verdict: ClaimRow['verdict'] }) {
	return (
		<span className={CHIP[verdict]} title={MEANS[verdict]}>
			{verdict}
		</span>
	);
}

export function ClaimTable({ claims, label = 'Claims' }: { readonly claims: readonly ClaimRow[]; readonly label?: string }) {
	if (claims.length === 0) return <p className="note">The paper makes no claim that could be measured.</p>;
	return (
		<Scroller label={label}>
			<table className="claims">
				<thead>
					<tr>
						<th scope="col">Claim</th>
						<th scope="col" className="number">
							Published
						</th>
						<th scope="col" className="number">
							Ours
						</th>
						<th scope="col" className="number">
							Error
						</th>
						<th scope="col">Verdict</th>
					</tr>
				</thead>
				<tbody>
					{claims.map((claim) => (
						<tr key={claim.id}>
							<td className="says">
								<strong>{claim.id}</strong> {claim.says}
								<details>
									<summary className="note">Where from, and how it is judged</summary>
									<p className="note">
										Published in {claim.where}. Evidence here: {claim.evidence}.
										{claim.tolerance !== '' && ` Tolerance ${claim.tolerance}: ${claim.because}`}
										{claim.measuredAt !== null && ` Measured on this machine on ${claim.measuredAt.slice(0, 10)}.`}
									</p>
									{claim.comment !== null && <p className="note">{claim.comment}</p>}
								</details>
							</td>
							<td className="number">{claim.published}</td>
							<td className="number">{claim.ours}</td>
							<td className="number">{claim.error}</td>
							<td>
								<VerdictChip verdict={claim.verdict} />
							</td>
						</tr>
					))}
				</tbody>
			</table>
		</Scroller>
	);
}
