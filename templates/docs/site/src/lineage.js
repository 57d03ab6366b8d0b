// The way of a column back to the raw data, and the ways of personal data to it.
import { columnId, nodes } from "./model.js";

/** Every column that a column is computed from, itself first: `[{table, column, origins}]`. */
export function history(table, column) {
  const found = new Map();
  const waiting = [{ table, column }];
  for (const stop of waiting) {
    const id = columnId(stop.table, stop.column);
    if (found.has(id)) continue;
    const origins = nodes.get(stop.table).columns.get(stop.column).lineage ?? [];
    found.set(id, { ...stop, id, origins });
    waiting.push(...origins);
  }
  return [...found.values()];
}

/** For each raw column whose personal data a column holds: `{source, column, pseudonymous, path}`, raw column first. */
export function personalWays(table, column) {
  const labels = new Map();
  for (const label of nodes.get(table).columns.get(column).personal) {
    const id = columnId(label.source, label.column);
    labels.set(id, { ...label, pseudonymous: label.pseudonymous && (labels.get(id)?.pseudonymous ?? true) });
  }
  return [...labels.values()].map((label) => ({ ...label, path: way(table, column, label) }));
}

/** The shortest way of a label, breadth first from the column back. */
function way(table, column, label) {
  const start = { table, column, after: null };
  const seen = new Set([columnId(table, column)]);
  const waiting = [start];
  for (const stop of waiting) {
    if (stop.table === label.source && stop.column === label.column) return walked(stop, label);
    for (const origin of before(stop, label)) {
      const id = columnId(origin.table, origin.column);
      if (!seen.has(id)) {
        seen.add(id);
        waiting.push({ ...origin, after: stop });
      }
    }
  }
  return walked({ table: label.source, column: label.column, after: start }, label);
}

function walked(stop, label) {
  const path = [];
  for (let one = stop; one !== null; one = one.after) path.push(one);
  return path.map((one, index) => ({
    table: one.table,
    column: one.column,
    how: index > 0 ? how(path[index - 1], one, label) : "",
    compared: index > 0 && !isOrigin(path[index - 1], one),
  }));
}

/** The columns that a column has a label from: those it is computed from, else those that it is compared with. */
function before(stop, label) {
  const one = nodes.get(stop.table);
  if (one.isSource) return [];
  const origins = one.columns.get(stop.column).lineage.filter((origin) => holds(origin, label));
  if (origins.length > 0) return origins;
  return one.detail.inputs.flatMap((table) =>
    [...nodes.get(table).columns.keys()].map((column) => ({ table, column })).filter((each) => holds(each, label)),
  );
}

function holds({ table, column }, label) {
  const labels = nodes.get(table).columns.get(column).personal;
  return labels.some((one) => one.source === label.source && one.column === label.column);
}

function isOrigin(earlier, stop) {
  const origins = nodes.get(stop.table).columns.get(stop.column).lineage ?? [];
  return origins.some((origin) => origin.table === earlier.table && origin.column === earlier.column);
}

function how(earlier, stop, label) {
  const column = nodes.get(stop.table).columns.get(stop.column);
  if (!isOrigin(earlier, stop)) return column.compared?.[columnId(label.source, label.column)] ?? "compared";
  return column.definitions.map((one) => one.expression).join("; ");
}
