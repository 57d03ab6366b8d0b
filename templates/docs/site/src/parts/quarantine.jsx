// Lines of a source that are no rows: how many, why, and, if the site was made with them, some of them.
import { counted, number, share, words } from "../format.js";
import { data } from "../model.js";
import { Rows } from "./rows.jsx";

export function Quarantine({ node }) {
  const { report } = node;
  const lines = data.run.quarantine[node.name] ?? [];
  return (
    <>
      <h3>Quarantine</h3>
      {report.quarantined === 0
        ? <p class="muted">Every line became a row.</p>
        : <p>{counted(report.quarantined, "line")} of {number(report.rows_in)} ({share(report.quarantined, report.rows_in)}): {reasons(report)}.</p>}
      {report.extra_keys.length > 0 && <p>Keys in the raw data that the spec doesn't declare: <code>{report.extra_keys.join(", ")}</code></p>}
      {report.notes.map((note) => <p key={note} class="muted">{note}</p>)}
      {lines.length > 0 && <Rows rows={lines} />}
    </>
  );
}

export const reasons = (report) => Object.entries(report.reasons).map(([reason, count]) => `${number(count)} ${words(reason)}`).join(", ");
