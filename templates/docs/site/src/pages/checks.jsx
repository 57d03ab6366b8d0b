// What is checked of the whole lake: expectations, what proofs need, and what the last run found.
import { checked, counted } from "../format.js";
import { data, lanes, nodes } from "../model.js";
import { Result } from "../parts/expectations.jsx";
import { Granted } from "../parts/granted.jsx";
import { Section } from "../parts/section.jsx";
import { TableName } from "../parts/table_name.jsx";

export function ChecksPage() {
  const asked = lanes.flatMap((lane) => lane.nodes).map((node) => ({ node, checks: checksOf(node) })).filter(({ checks }) => checks.length > 0);
  return (
    <article class="page">
      <header class="head">
        <h1>Checks</h1>
        <p class="lead">{summary(asked)}</p>
      </header>
      {asked.map(({ node, checks }) => <ChecksOfTable key={node.name} node={node} checks={checks} />)}
      <Unasked />
      <Tests />
      {data.assumptions.length > 0 && <Section id="granted" title="What proofs take for granted"><Granted all={data.assumptions} /></Section>}
    </article>
  );
}

/** `{name, kind, blocking, result?}`: those of the spec, and those that the last run made besides, for proofs. */
function checksOf(node) {
  const results = new Map((node.report?.checks ?? []).map((check) => [check.name, check]));
  const expected = (node.detail.expectations ?? []).map((one) => ({ ...one, result: results.get(one.name) }));
  const names = new Set(expected.map((one) => one.name));
  const others = [...results.values()].filter((check) => !names.has(check.name));
  return [...expected, ...others.map((check) => ({ ...check, result: check }))];
}

function summary(asked) {
  const all = asked.flatMap(({ checks }) => checks);
  const results = all.filter((one) => one.result);
  if (!data.run || results.length === 0) return `${counted(all.length, "check")} of ${counted(asked.length, "table")}; no run has tried them yet.`;
  return `The last run: ${checked(results.length, results.filter((one) => one.result.violations > 0).length)}.`;
}

function ChecksOfTable({ node, checks }) {
  return (
    <Section id={`of-${node.name}`} title={<TableName node={node} />}>
      <table class="check-table of-table">
        <thead class="hidden"><tr><th>Result</th><th>Check</th><th>What it does</th></tr></thead>
        <tbody>
          {checks.map((one) => (
            <tr key={one.name}>
              <td>{one.result ? <Result check={one.result} /> : <span class="badge">not run</span>}</td>
              <td><code>{one.name}</code></td>
              <td class="muted">{one.kind === "proof" && "of a proof, "}{one.blocking ? "blocks publishing" : "warns"}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}

/** The tables of which nothing is expected: a run publishes them whatever their rows are. */
function Unasked() {
  const found = [...nodes.values()].filter((node) => !node.isSource && !node.isView && (node.detail.expectations ?? []).length === 0);
  if (found.length === 0) return null;
  return (
    <Section id="unasked" title={<>Without expectations <small>{counted(found.length, "table")}</small></>}>
      <ul class="names">{found.map((node) => <li key={node.name}><TableName node={node} /></li>)}</ul>
    </Section>
  );
}

/** Tests with rows, and what has none. */
function Tests() {
  if (data.tests.length === 0) return null;
  const tested = new Set(data.tests.flatMap((test) => test.tables));
  const without = [...nodes.values()].filter((node) => !node.isSource && !tested.has(node.name));
  return (
    <Section id="tests" title={<>Tests with rows <small>{counted(data.tests.length, "test")}</small></>}>
      <table class="check-table of-table">
        <thead class="hidden"><tr><th>Test</th><th>Tables</th></tr></thead>
        <tbody>
          {data.tests.map((test) => (
            <tr key={test.name}>
              <td class="test"><b>{test.name}</b>{test.description && <p>{test.description}</p>}<small class="muted">{test.place}</small></td>
              <td><ul class="names">{test.tables.map((name) => <li key={name}><TableName node={nodes.get(name)} /></li>)}</ul></td>
            </tr>
          ))}
        </tbody>
      </table>
      {without.length > 0 && <p class="muted">Without a test: {without.map((node) => node.name).join(", ")}.</p>}
    </Section>
  );
}
