// A proof of consent, followed from table to table down to the registry.
import { data, nodes } from "./model.js";

/** The tables that a proof rests on, each with its own steps: `[{table, steps}]`, the table itself first. */
export function proofChain(table) {
  const found = new Map();
  const waiting = [table];
  for (const name of waiting) {
    const consent = nodes.get(name)?.detail.consent;
    if (!consent || found.has(name)) continue;
    found.set(name, consent.by);
    waiting.push(...consent.by.flatMap((step) => step.relies_on));
  }
  const order = [...nodes.keys()].reverse();
  return order.filter((name) => found.has(name)).map((name) => ({ table: name, steps: found.get(name) }));
}

/** What a proof takes for granted of the raw data. */
export function assumptionsOf(table) {
  const { subject } = nodes.get(table).detail.consent;
  const sources = new Set(proofChain(table).flatMap((one) => one.steps.flatMap((step) => step.sources)));
  return data.assumptions.filter(
    (one) =>
      one.person_key?.split(".")[0] === subject && (one.assumed === "registry_key" || sources.has(one.source)),
  );
}
