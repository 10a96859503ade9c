/**
 * The complementary error function, relative error about 1e-15 for every argument whose result is not subnormal:
 * W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969), as in his CALERF.
 */
export function erfc(x: number): number {
  const size = Math.abs(x);
  if (size <= 0.46875) return 1 - erfNearZero(x);
  const tail = size <= 4 ? middle(size) : far(size);
  return x < 0 ? 2 - tail : tail;
}

function erfNearZero(x: number): number {
  const square = x * x;
  let top = 0.18577770618460315 * square;
  let bottom = square;
  for (const [a, b] of NEAR) {
    top = (top + a) * square;
    bottom = (bottom + b) * square;
  }
  return (x * (top + 3209.3775891384694)) / (bottom + 2844.236833439171);
}

function middle(size: number): number {
  let top = 2.1531153547440383e-8 * size;
  let bottom = size;
  for (const [c, d] of MIDDLE) {
    top = (top + c) * size;
    bottom = (bottom + d) * size;
  }
  return gauss(size) * ((top + 1230.3393547979972) / (bottom + 1230.3393548037495));
}

function far(size: number): number {
  if (size > 27.3) return 0;
  const inverse = 1 / (size * size);
  let top = 0.016315387137302097 * inverse;
  let bottom = inverse;
  for (const [p, q] of FAR) {
    top = (top + p) * inverse;
    bottom = (bottom + q) * inverse;
  }
  const rest = (inverse * (top + 0.0006587491615298378)) / (bottom + 0.0023352049762686918);
  return gauss(size) * ((1 / Math.sqrt(Math.PI) - rest) / size);
}

/** exp(-x^2), split so that the rounding of x^2 does not cost digits far out. */
function gauss(x: number): number {
  const coarse = Math.trunc(x * 16) / 16;
  return Math.exp(-coarse * coarse) * Math.exp(-(x - coarse) * (x + coarse));
}

type Pairs = readonly (readonly [number, number])[];

const NEAR: Pairs = [
  [3.1611237438705655, 23.601290952344122],
  [113.86415415105016, 244.02463793444417],
  [377.485237685302, 1282.6165260773723],
];
const MIDDLE: Pairs = [
  [0.5641884969886701, 15.744926110709835],
  [8.883149794388377, 117.6939508913125],
  [66.11919063714163, 537.1811018620099],
  [298.6351381974001, 1621.3895745666903],
  [881.952221241769, 3290.7992357334597],
  [1712.0476126340707, 4362.619090143247],
  [2051.0783778260716, 3439.3676741437216],
];
const FAR: Pairs = [
  [0.30532663496123236, 2.568520192289822],
  [0.36034489994980445, 1.8729528499234673],
  [0.12578172611122926, 0.5279051029514285],
  [0.016083785148742275, 0.06051834131244132],
];
