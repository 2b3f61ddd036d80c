/**
 * The published results, for showing beside ours; no measurement reads them. Rows in the order of `publishedConfigurations`:
 * stored output of HEP/results_table.ipynb, commit dc62d1e.
 */
export const publishedTable = [
	{ scaledPowerW: 322348.0527887827, f1: 0.2238955823293172, relevantSamplesPerKJ: 0.6904096578525566 },
	{ scaledPowerW: 51611499.46010433, f1: 0.3859882791688865, relevantSamplesPerKJ: 0.05619514953090941 },
	{ scaledPowerW: 25855320.12366612, f1: 0.3927403749916595, relevantSamplesPerKJ: 0.1136965890482947 },
	{ scaledPowerW: 51650891.15947316, f1: 0.7934557595993321, relevantSamplesPerKJ: 0.1147994692517187 },
	{ scaledPowerW: 40844390.64762544, f1: 0.3859882791688865, relevantSamplesPerKJ: 0.0710089166146689 },
	{ scaledPowerW: 25874329.39525799, f1: 0.8876862628808658, relevantSamplesPerKJ: 0.2053996289017543 },
	{ scaledPowerW: 40875555.94910018, f1: 0.7934557595993321, relevantSamplesPerKJ: 0.1450621221854314 },
	{ scaledPowerW: 20467034.76685503, f1: 0.3927403749916595, relevantSamplesPerKJ: 0.143629096266214 },
	{ scaledPowerW: 20482074.1853513, f1: 0.8876862628808658, relevantSamplesPerKJ: 0.2594745828851996 },
] as const;
