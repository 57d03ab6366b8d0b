// The lake as the site reads it: tables and sources as nodes, what lies before and after each, and ways of columns.

export const data = JSON.parse(document.getElementById("data").textContent);

/** Every source and table by name, with what all of them have. */
export const nodes = new Map([
  ...Object.entries(data.sources).map(([name, source]) => [name, node(name, source, true)]),
  ...Object.entries(data.tables).map(([name, table]) => [name, node(name, table, false)]),
]);

function node(name, detail, isSource) {
  return {
    name,
    detail,
    isSource,
    isView: !isSource && detail.view,
    zone: detail.zone ?? null,
    lane: null,
    columns: new Map(detail.columns.map((column) => [column.name, column])),
    personal: strongest(detail.columns.map(personalKind)),
    report: data.run?.tables[name],
    inputs: [],
    outputs: [],
  };
}

for (const edge of data.edges) {
  nodes.get(edge.table).inputs.push(edge);
  nodes.get(edge.source).outputs.push(edge);
}

/**
 * What the picture sets beside each other, in order: zones, and after each the views in no zone that read from it, and
 * from nothing later. `{name, isViews, require, color, nodes}`.
 */
export const lanes = withNodes(data.zones.flatMap((zone, position) => [
  { ...zone, isViews: false, color: String(position % 6), has: (one) => zoneOf(one) === zone.name && !isLoose(one) },
  { name: "views", isViews: true, require: null, color: "none", has: (one) => isLoose(one) && zoneOf(one) === zone.name },
]));

function withNodes(known) {
  for (const lane of known) {
    lane.nodes = [...nodes.values()].filter(lane.has);
    for (const one of lane.nodes) one.lane = lane;
  }
  return known.filter((lane) => lane.nodes.length > 0).map((lane, index) => Object.assign(lane, { index }));
}

function isLoose(one) {
  return one.zone === null;
}

/** The zone of a node; of a view in none, the last zone that it reads from. */
function zoneOf(one, known = new Map()) {
  if (!isLoose(one)) return one.zone;
  if (!known.has(one)) {
    const order = data.zones.map((zone) => zone.name);
    const read = one.inputs.filter((edge) => edge.kind !== "checked").map((edge) => zoneOf(nodes.get(edge.source), known));
    known.set(one, order[Math.max(0, ...read.map((zone) => order.indexOf(zone)))]);
  }
  return known.get(one);
}

/** `direct`, `pseudonymous` or `no`. */
export function personalKind(column) {
  if (column.personal.length === 0) return "no";
  return column.personal.every((label) => label.pseudonymous) ? "pseudonymous" : "direct";
}

function strongest(kinds) {
  return ["direct", "pseudonymous"].find((kind) => kinds.includes(kind)) ?? "no";
}

/** Whether every row is known to be consented: null where no consent is required or nobody is concerned. */
export function consented(one) {
  const consent = one.detail.consent;
  return consent && consent.about ? consent.proven : null;
}

/** All nodes that lie before (`inputs`) or after (`outputs`) one, by rows and matches. */
export function reach(name, direction) {
  const end = direction === "inputs" ? "source" : "table";
  const found = new Set();
  const waiting = [name];
  for (const next of waiting) {
    for (const edge of nodes.get(next)[direction]) {
      if (edge.kind !== "checked" && !found.has(edge[end])) {
        found.add(edge[end]);
        waiting.push(edge[end]);
      }
    }
  }
  return found;
}

/** Columns that are known to be never null, since a run that finds one fails. */
export function neverNull(one) {
  if (one.isSource) {
    const keys = Object.values(data.subjects).filter((subject) => subject.registry === one.name);
    return new Set(keys.flatMap((subject) => subject.keys));
  }
  const checked = one.detail.expectations.filter((each) => each.kind === "not_null" && each.blocking);
  return new Set(checked.flatMap((each) => [each.argument].flat()));
}

export const columnId = (table, column) => `${table}.${column}`;
