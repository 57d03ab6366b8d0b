// What the last run checked of a table.
import { checked } from "../format.js";
import { Result } from "./expectations.jsx";
import { Rows } from "./rows.jsx";

export function Checks({ report }) {
  if (report.checks.length === 0) return null;
  const broken = report.checks.filter((check) => check.violations > 0);
  return (
    <>
      <h3>{checked(report.checks.length, broken.length)}</h3>
      <ul class="checks">
        {[...broken, ...report.checks.filter((check) => check.violations === 0)].map((check) => (
          <li key={check.name}>
            <Result check={check} />
            <span>{check.name}</span>
            {check.kind === "proof" && <small class="muted">of a proof</small>}
            {check.examples.length > 0 && <Rows rows={check.examples} />}
          </li>
        ))}
      </ul>
    </>
  );
}
