// What must hold of every version of a table before it is published; of a view, before a table that reads it is.
import { number } from "../format.js";
import { tableLink } from "../router.js";
import { Section } from "./section.jsx";

export function Expectations({ node }) {
  const { expectations } = node.detail;
  if (expectations.length === 0) return null;
  const results = new Map((node.report?.checks ?? []).map((check) => [check.name, check]));
  const elsewhere = (one) => one.checked_by.length !== 1 || one.checked_by[0] !== node.name;
  return (
    <Section id="expectations" title="Expectations">
      <ul class="checks">
        {expectations.map((one) => (
          <li key={one.name}>
            <code>{one.name}</code>
            <span class="badge">{one.blocking ? "keeps the table from being published" : "warns"}</span>
            {elsewhere(one) && <CheckedBy names={one.checked_by} />}
            {results.has(one.name) && <Result check={results.get(one.name)} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}

function CheckedBy({ names }) {
  if (names.length === 0) return <span class="badge warned">nothing checks it: no table reads the view</span>;
  return <span class="muted">checked by {names.map((name, index) => <span key={name}>{index > 0 && ", "}<a href={tableLink(name)}>{name}</a></span>)}</span>;
}

export function Result({ check }) {
  if (check.violations === 0) return <span class="badge good">holds</span>;
  return <span class={`badge ${check.blocking ? "bad" : "warned"}`}>{number(check.violations)} violation{check.violations === 1 ? "" : "s"}</span>;
}
