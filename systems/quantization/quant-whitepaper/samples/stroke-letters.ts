/**
 * Letters and digits as strokes, so that lines of text can be drawn without a font: each stroke is a list of points, two digits each, across from 0 to
 * 4 and down from 0 to 6. Round shapes are polygons. Plain block letters, drawn up for this purpose.
 */

const STROKES: Readonly<Record<string, string>> = {
	A: '062046 1434',
	B: '06003041423303 334445 453606',
	C: '4130100105163645',
	D: '06003041453606',
	E: '40000646 0333',
	F: '400006 0333',
	G: '41301001051636454333',
	H: '0006 4046 0343',
	I: '1030 2026 1636',
	J: '404536160504',
	K: '0006 4003 0346',
	L: '000646',
	M: '0600234046',
	N: '06004640',
	O: '301001051636454130',
	P: '06003041423303',
	Q: '301001051636454130 2446',
	R: '06003041423303 2346',
	S: '413010010213334445361605',
	T: '0040 2026',
	U: '000516364540',
	V: '002640',
	W: '0016233640',
	X: '0046 4006',
	Y: '0023 4023 2326',
	Z: '00400646',
	0: '301001051636454130 1531',
	1: '112026 1636',
	2: '01103041420646',
	3: '0110304142334445361605 1333',
	4: '36300444',
	5: '400002324345361605',
	6: '30100105163645443302',
	7: '004026 1333',
	8: '103041423313020110 1304051636454433',
	9: '43130201103041453616',
};

export interface Point {
	readonly across: number;
	readonly down: number;
}

/** Width and height of a letter in the units of its points. */
export const LETTER_WIDTH = 4;
export const LETTER_HEIGHT = 6;

/** All letters there are. */
export const LETTERS: readonly string[] = Object.keys(STROKES);

/** Lists of points, each joined by straight lines; nothing for what is no letter. */
export function strokesOf(letter: string): readonly (readonly Point[])[] {
	const stored = STROKES[letter];
	if (stored === undefined) return [];
	return stored.split(' ').map((stroke) =>
		Array.from({ length: stroke.length / 2 }, (_, at) => ({
			across: Number(stroke[2 * at]),
			down: Number(stroke[2 * at + 1]),
		})),
	);
}
