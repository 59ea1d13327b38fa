// The choice of a text's first token, as in faker_neural/_decoding/sampling: whole-number weights,
// first a class (or a block of ids), then a token of it. The graph chooses all further tokens.

const GRID = 64;
const [VERTEX, OFFSET, SCALE, SQUARINGS] = [2367, 4156407, 1.5132816599816579e-7, 5];
const LARGEST_BLOCK = 64;
const f32 = Math.fround;

/** Round to the nearest whole number, halves to the even one. */
function rint(x) {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
}

function weightTable() {
  const table = [];
  for (let d = 0; table.at(-1) !== 0; d++) {
    let weight = f32(d - VERTEX);
    weight = f32(f32(f32(weight * weight) + f32(OFFSET)) * f32(SCALE));
    for (let i = 0; i < SQUARINGS; i++) weight = f32(weight * weight);
    table.push(rint(weight));
  }
  return table;
}

/** The weight of each distance in 1/64 nat, from 2^18 down to 0. */
const WEIGHTS = weightTable();
const ZERO = WEIGHTS.length - 1;

const scale = (temperature) => f32(GRID / Math.max(f32(temperature), 2 ** -60));

/** Return the weight of a logit that is not above the largest one. */
function weightOf(largest, logit, step) {
  if (logit === -Infinity) return 0;
  return WEIGHTS[rint(Math.min(f32(f32(largest - logit) * step), ZERO))];
}

/** Return the first index where the sum of weights exceeds draw * total. */
function reached(weights, draw) {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  return Math.max(0, weights.findIndex((weight) => (sum += weight) > total * draw));
}

/** Return [first id, number of tokens] of each class, or of each block of a flat model. */
function groupsOf(classes, tokens) {
  const sizes = classes.length ? classes : blocks(tokens);
  let first = 0;
  return sizes.map((size) => [(first += size) - size, size]);
}

function blocks(tokens) {
  const size = blockSize(tokens);
  return Array.from({ length: Math.ceil(tokens / size) }, (_, i) => Math.min(size, tokens - i * size));
}

function blockSize(tokens) {
  if (tokens <= LARGEST_BLOCK) return tokens;
  const wanted = Math.min(Math.max(rint(Math.sqrt(tokens)), LARGEST_BLOCK / 2), LARGEST_BLOCK);
  const sizes = [];
  for (let n = Math.floor(LARGEST_BLOCK / 3); n <= LARGEST_BLOCK; n++) sizes.push(n);
  sizes.sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted) || a - b);
  return sizes.find((n) => tokens % n === 0) ?? wanted;
}

/** Return the share of each class, less what the mask takes from it. */
function sharesOf(groups, logits, masked, tokens, step) {
  const found = groups.map(([first, size], group) => {
    const free = Array.from(logits.slice(first, first + size));
    const members = free.map((logit, i) => (masked.has(first + i) ? -Infinity : logit));
    const [largest, left] = [Math.max(...free), Math.max(...members)];
    const sum = (some, top) => some.reduce((total, x) => total + weightOf(top, x, step), 0);
    const possible = left > -Infinity;
    return {
      possible,
      kept: possible ? sum(members, left) / sum(free, largest) : 0,
      gap: possible ? rint(f32(f32(largest - left) * step)) : Infinity,
      logit: logits[tokens + group],
    };
  });
  const best = Math.max(...found.map(({ logit }) => logit));
  const distances = found.map((x) =>
    x.possible ? rint(f32(f32(best - x.logit) * step)) + x.gap : Infinity,
  );
  const nearest = Math.min(...distances);
  const shares = found.map((x, i) =>
    x.possible ? WEIGHTS[Math.min(distances[i] - nearest, ZERO)] * x.kept : 0,
  );
  const exponent = Math.floor(Math.log2(Math.max(...shares))) + 1;
  return shares.map((share) => rint(share * 2 ** (40 - exponent)));
}

/**
 * Return a function from two draws to a token.
 *
 * @param {Float32Array} logits of the tokens, and then of the classes
 * @param {{tokens: string[], classes: number[]}} card
 * @param {Set<number>} masked ids that may not be chosen
 */
export function distribution(logits, card, masked, temperature) {
  const count = card.tokens.length;
  const groups = groupsOf(card.classes, count);
  const step = scale(temperature);
  const open = (i) => (masked.has(i) ? -Infinity : logits[i]);
  const all = Array.from({ length: count }, (_, i) => open(i));
  const members = groups.map(([first, size]) => {
    const some = all.slice(first, first + size);
    const top = Math.max(...(card.classes.length ? some : all));
    return some.map((logit) => weightOf(top, logit, step));
  });
  const shares = card.classes.length
    ? sharesOf(groups, logits, masked, count, step)
    : members.map((weights) => weights.reduce((sum, weight) => sum + weight, 0));
  return ([first, second]) => {
    const group = reached(shares, first);
    return groups[group][0] + reached(members[group], second);
  };
}
