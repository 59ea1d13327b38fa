// 64-bit keys as in faker_neural/_keys.py, by BigInt: the same numbers as in Python.

const MASK = (1n << 64n) - 1n;
const ATTEMPT = 1n << 61n;
const CHOICE = 1n << 63n;

/** Return output number `step` of the SplitMix64 generator that starts at `seed` (Steele et al. 2014). */
export function splitMix(seed, step) {
  let z = (seed + (step + 1n) * 0x9e3779b97f4a7c15n) & MASK;
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK;
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK;
  return z ^ (z >> 31n);
}

/** Return the key of a row of a column. */
export const rowKey = (seed, row) => splitMix(seed, BigInt(row));

/** Return the key for drawing a text again; `attempt` is at least 1. */
export const attemptKey = (key, attempt) => splitMix(key, ATTEMPT + BigInt(attempt));

/** Return two uniform numbers, multiples of 2^-32 from 0 to below 1. */
export function draws(key, step) {
  const mixed = splitMix(key, BigInt(step));
  return [Number(mixed >> 32n) * 2 ** -32, Number(mixed & 0xffffffffn) * 2 ** -32];
}

/** Return an index below `count`, independent of the draws. */
export function choice(key, count) {
  return Number(((splitMix(key, CHOICE) >> 32n) * BigInt(count)) >> 32n);
}
