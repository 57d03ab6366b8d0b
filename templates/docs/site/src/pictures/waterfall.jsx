// What became of the rows on their way into a table: a bar for each step, and what it dropped or added.
import { scaleLinear } from "d3-scale";
import { number, share, words } from "../format.js";

/** `[{text, before, after, what}]`: the steps of a table; of a source the reasons why lines are no rows. */
export function steps(node) {
  const { report } = node;
  if (node.isSource) {
    let left = report.rows_in;
    return Object.entries(report.reasons).map(([reason, count]) => {
      left -= count;
      return { text: words(reason), before: left + count, after: left, what: "quarantined", short: words(reason) };
    });
  }
  if (report.rows_in == null) return [];
  let before = report.rows_in;
  return report.stages.map((stage) => {
    const step = { text: stage.text, before, after: stage.rows, what: stage.rows < before ? stage.lost : "more by its matches" };
    before = stage.rows;
    return step;
  });
}

export function Waterfall({ node }) {
  const made = steps(node);
  const { rows, rows_in: read, added, unchanged } = node.report;
  const scale = scaleLinear([0, Math.max(1, read ?? rows, ...made.map((step) => Math.max(step.before, step.after)))], [0, 100]);
  const first = node.isSource ? "lines in the files" : added != null || unchanged ? "rows of its inputs" : "rows read";
  return (
    <table class={`waterfall z-${node.lane.color}`}>
      <thead class="hidden"><tr><th>Step</th><th>Rows</th><th>Change</th></tr></thead>
      <tbody>
        <Bar label={first} value={read ?? rows} scale={scale} />
        {made.map((step, index) => <Change key={index} step={step} scale={scale} />)}
        <Bar label={node.isSource ? "rows" : "rows published"} value={rows} scale={scale} final />
      </tbody>
    </table>
  );
}

function Bar({ label, value, scale, final }) {
  return (
    <tr class={final ? "final" : "start"}>
      <th scope="row">{label}</th>
      <td class="track"><Track parts={[{ kind: "kept", from: 0, to: value }]} scale={scale} /></td>
      <td class="figure"><b>{number(value)}</b></td>
    </tr>
  );
}

function Change({ step, scale }) {
  const { before, after } = step;
  const kind = after < before ? "lost" : "gained";
  const parts = [
    { kind: "kept faint", from: 0, to: Math.min(before, after) },
    { kind, from: Math.min(before, after), to: Math.max(before, after) },
  ];
  return (
    <tr class={before === after ? "same" : kind}>
      <th scope="row"><code>{step.text}</code></th>
      <td class="track"><Track parts={parts} scale={scale} /></td>
      <td class="figure"><Figure {...step} /></td>
    </tr>
  );
}

function Figure({ before, after, what }) {
  if (before === after) return <span class="muted">all {number(after)} stay</span>;
  const sign = after < before ? "−" : "+";
  return (
    <>
      <b>{sign}{number(Math.abs(after - before))}</b> {what} <span class="muted">{share(Math.abs(after - before), before)}</span>
    </>
  );
}

export function Track({ parts, scale }) {
  return (
    <svg class="bar" preserveAspectRatio="none" viewBox="0 0 100 10" aria-hidden="true">
      {parts.map(({ kind, from, to }) => (
        <rect key={kind} class={kind} x={scale(from)} width={Math.max(to > from ? 0.35 : 0, scale(to) - scale(from))} height="10" />
      ))}
    </svg>
  );
}
