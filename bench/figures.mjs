/** Figures of several rounds, as they are told. */

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
}

/** As many digits as tell something: a count has no fraction. @param {number} value */
export function digits(value) {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 10 ? 2 : Math.abs(value) < 100 ? 1 : 0);
}

/** The median, and the smallest and the greatest. @param {number[]} values @param {(value: number) => string} [write] */
export function spread(values, write = (value) => value.toFixed(1)) {
  if (values.length === 0) return "–";
  if (Math.min(...values) === Math.max(...values)) return write(median(values));
  return `${write(median(values))} (${write(Math.min(...values))} to ${write(Math.max(...values))})`;
}
