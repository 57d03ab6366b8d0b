// The lake as the site reads it: tables and sources as nodes, what lies before and after each, and ways of columns.

export const data = JSON.parse(document.getElementById("data").textContent);

const NO_ZONE = "";

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
    zone: detail.zone ?? NO_ZONE,
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

/** The zones in order, each with its nodes; what is in no zone comes after the raw data. */
export const zones = withNodes([
  ...data.zones.slice(0, 1),
  { name: NO_ZONE, require: null, pii_policy: "allow" },
  ...data.zones.slice(1),
]);

function withNodes(known) {
  const found = known.map((zone) => ({ ...zone, nodes: [...nodes.values()].filter((one) => one.zone === zone.name) }));
  return found.filter((zone) => zone.nodes.length > 0).map((zone, index) => ({ ...zone, index, color: color(zone) }));
}

function color(zone) {
  const position = data.zones.findIndex((one) => one.name === zone.name);
  return position < 0 ? "none" : String(position % 6);
}

export const zoneOf = (one) => zones.find((zone) => zone.name === one.zone);

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
