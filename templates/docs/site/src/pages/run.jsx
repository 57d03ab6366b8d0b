import { scaleLinear } from "d3-scale";
import { checked, counted, number, runTime, seconds, share, words } from "../format.js";
import { data, nodes } from "../model.js";
import { Rows } from "../parts/rows.jsx";
import { Section } from "../parts/section.jsx";
import { TableName } from "../parts/table_name.jsx";
import { steps, Track } from "../pictures/waterfall.jsx";
import { checksPage } from "../router.js";
import { reasons } from "../parts/quarantine.jsx";
import { Result } from "../parts/expectations.jsx";

/** What the last run did to the whole lake. */
export function RunPage() {
  const { run } = data;
  if (!run) return <article class="page"><h1>No run</h1><p class="lead">The site was made without a run in the lake folder.</p></article>;
  const made = [...nodes.values()].filter((node) => node.report);
  return (
    <article class="page">
      <Head run={run} made={made} />
      <Problems made={made} />
      <Section id="rows" title="Rows on their way"><Flow made={made.filter((node) => node.report.rows !== null && !node.isView)} /></Section>
      <ChecksOfRun made={made} />
      <QuarantineOfRun made={made.filter((node) => node.isSource)} />
    </article>
  );
}

function Head({ run, made }) {
  const tables = made.filter((node) => !node.isSource && node.report.rows !== null);
  const rows = tables.reduce((sum, node) => sum + node.report.rows, 0);
  return (
    <header class="head">
      <div class="badges">
        <span class={`badge ${run.status === "ok" ? "good" : "bad"}`}>{run.status}</span>
        <span class="badge">{run.published ? "published" : "nothing published"}</span>
      </div>
      <h1>The last run</h1>
      <dl class="meta">
        <div><dt>when</dt><dd>{runTime(run.run)}</dd></div>
        <div><dt>took</dt><dd>{seconds(run.seconds)}</dd></div>
        <div><dt>tables</dt><dd>{number(tables.length)}</dd></div>
        <div><dt>rows in them</dt><dd>{number(rows)}</dd></div>
        <div><dt>run</dt><dd><code>{run.run}</code></dd></div>
      </dl>
    </header>
  );
}

function Problems({ made }) {
  const failed = made.filter((node) => node.report.status !== "ok");
  if (failed.length === 0) return null;
  return (
    <Section id="problems" title="What went wrong">
      {failed.map((node) => (
        <p key={node.name} class="problem"><TableName node={node} /> <b>{node.report.status}</b>: {node.report.problem}{node.report.help && <><br />{node.report.help}</>}</p>
      ))}
    </Section>
  );
}

function Flow({ made }) {
  const slowest = Math.max(...made.map((node) => node.report.seconds), 0.001);
  return (
    <table class="flow-table">
      <thead><tr><th>Table</th><th class="right">Rows in</th><th>What became of them</th><th class="right">Rows</th><th>Time</th></tr></thead>
      <tbody>{made.map((node) => <FlowRow key={node.name} node={node} slowest={slowest} />)}</tbody>
    </table>
  );
}

function FlowRow({ node, slowest }) {
  const { report } = node;
  const read = report.rows_in ?? report.rows;
  const changes = steps(node).filter((step) => step.before !== step.after);
  return (
    <tr class={`z-${node.lane.color}`}>
      <th scope="row"><TableName node={node} /></th>
      <td class="right">{number(read)}</td>
      <td class="what"><Kept read={read} changes={changes} rows={report.rows} />
        <small>{changes.length ? changes.map(change).join(" · ") : "all stay"}</small>
      </td>
      <td class="right"><b>{number(report.rows)}</b>{report.expected !== null && <Expected report={report} />}</td>
      <td class="seconds"><Track parts={[{ kind: "time", from: 0, to: report.seconds }]} scale={scaleLinear([0, slowest], [0, 100])} /><small>{seconds(report.seconds)}</small></td>
    </tr>
  );
}

function change({ before, after, what, short = what }) {
  return `${after < before ? "−" : "+"}${number(Math.abs(after - before))} ${short}`;
}

function Expected({ report }) {
  const right = report.rows === report.expected;
  return <small class={right ? "ok" : "wrong"} title={`expected ${number(report.expected)}`}>{right ? " ✓" : ` ≠ ${number(report.expected)}`}</small>;
}

/** A bar of the rows that were read: what is kept, and what each step dropped or added. */
function Kept({ read, changes, rows }) {
  const scale = scaleLinear([0, Math.max(1, read, rows, ...changes.map((one) => Math.max(one.before, one.after)))], [0, 100]);
  const parts = [{ kind: "kept", from: 0, to: Math.min(read, rows, ...changes.map((one) => one.after)) }];
  changes.forEach((one, index) => parts.push({
    kind: `${one.after < one.before ? "lost" : "gained"} part-${index}`,
    from: Math.min(one.before, one.after),
    to: Math.max(one.before, one.after),
  }));
  return <Track parts={parts} scale={scale} />;
}

function ChecksOfRun({ made }) {
  const all = made.flatMap((node) => node.report.checks.map((check) => ({ node, check })));
  if (all.length === 0) return null;
  const broken = all.filter(({ check }) => check.violations > 0);
  const sorted = [...broken, ...all.filter(({ check }) => check.violations === 0)];
  return (
    <Section id="checks" title={<>Checks <small>{checked(all.length, broken.length)}</small></>}>
      <table class="check-table">
        <thead class="hidden"><tr><th>Result</th><th>Check</th><th>Table</th></tr></thead>
        <tbody>
          {sorted.map(({ node, check }) => (
            <tr key={node.name + check.name}><td><Result check={check} /></td><td>{check.name}</td><td><TableName node={node} /></td></tr>
          ))}
        </tbody>
      </table>
      <p><a href={checksPage}>All that is checked, table by table</a></p>
    </Section>
  );
}

function QuarantineOfRun({ made }) {
  const found = made.filter((node) => node.report.quarantined > 0);
  return (
    <Section id="quarantine" title="Quarantine">
      {found.length === 0 && <p class="muted">Every line of the raw data became a row.</p>}
      {found.map((node) => (
        <div key={node.name} class="quarantined">
          <h3><TableName node={node} /> <small>{counted(node.report.quarantined, "line")} of {number(node.report.rows_in)}, {share(node.report.quarantined, node.report.rows_in)}</small></h3>
          <Reasons report={node.report} />
          {data.run.quarantine[node.name] && <Rows rows={data.run.quarantine[node.name]} />}
        </div>
      ))}
    </Section>
  );
}

function Reasons({ report }) {
  const scale = scaleLinear([0, Math.max(...Object.values(report.reasons), 1)], [0, 100]);
  return (
    <table class="waterfall reasons" aria-label={reasons(report)}>
      <tbody>
        {Object.entries(report.reasons).map(([reason, count]) => (
          <tr key={reason}>
            <th scope="row">{words(reason)}</th>
            <td class="track"><Track parts={[{ kind: "lost", from: 0, to: count }]} scale={scale} /></td>
            <td class="figure"><b>{number(count)}</b></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
