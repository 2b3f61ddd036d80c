/** English words that say nothing about a subject: function words, and what every abstract says of itself. */
export const stopWords: ReadonlySet<string> = new Set(
	`a about above across after again against all almost along already also although always am among an and another any are around as at
	be became because been before being below between beyond both but by can cannot could did do does doing done down due during each
	either else etc ever every few for from further had has have having he her here hers him his how however i if in indeed into is it its
	itself just less let like likely made make makes many may me might more most much must my near need neither no nor not now of off often
	on once one only onto or other others otherwise our ours out over own per quite rather really s same she should since so some still such
	t than that the their theirs them then there therefore thereby these they this those though through thus to together too toward towards
	under until up upon us use used uses using very via was we well were what when where whereas whether which while who whom whose why will
	with within without would yet you your
	paper propose proposed proposes present presents show shows demonstrate demonstrates introduce introduces`
		.split(/\s+/)
		.filter((word) => word !== ''),
);
