const numbers = new Intl.NumberFormat("en");
const rough = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const shares = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

export const number = (value) => numbers.format(value);
export const compact = (value) => (value < 10_000 ? numbers.format(value) : rough.format(value));
export const share = (part, whole) => (whole > 0 ? shares.format(part / whole) : "0%");
export const counted = (value, word) => `${number(value)} ${word}${value === 1 ? "" : "s"}`;
export const listed = (names) => [names.slice(0, -1).join(", "), names.at(-1)].filter(Boolean).join(" and ");
export const words = (text) => text.replaceAll("_", " ");

export function seconds(value) {
  if (value >= 60) return `${Math.floor(value / 60)} min ${Math.round(value % 60)} s`;
  return value >= 1 ? `${value.toFixed(1)} s` : `${Math.round(value * 1000)} ms`;
}

/** The moment in a run's id, such as 20260131T120000-a1b2c3, which is UTC. */
export function runTime(run) {
  const [, year, month, day, hour, minute] = run.match(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)/) ?? [];
  return year ? `${year}-${month}-${day} ${hour}:${minute} UTC` : run;
}

export function clipped(text, length) {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** The same for a name, whose end tells as much as its beginning. */
export function clippedInside(name, length) {
  if (name.length <= length) return name;
  const end = Math.floor((length - 1) * 0.4);
  return `${name.slice(0, length - 1 - end)}…${name.slice(name.length - end)}`;
}

/** Such as `3 checks, all hold`. */
export function checked(total, broken) {
  const verdict = broken ? `${number(broken)} broken` : total === 1 ? "which holds" : "all hold";
  return `${counted(total, "check")}, ${verdict}`;
}
