// What must hold of every version of a table before it is published.
import { number } from "../format.js";
import { Section } from "./section.jsx";

export function Expectations({ node }) {
  const { expectations } = node.detail;
  if (expectations.length === 0) return null;
  const results = new Map((node.report?.checks ?? []).map((check) => [check.name, check]));
  return (
    <Section id="expectations" title="Expectations">
      <ul class="checks">
        {expectations.map((one) => (
          <li key={one.name}>
            <code>{one.name}</code>
            <span class="badge">{one.blocking ? "keeps the table from being published" : "warns"}</span>
            {results.has(one.name) && <Result check={results.get(one.name)} />}
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Result({ check }) {
  if (check.violations === 0) return <span class="badge good">holds</span>;
  return <span class={`badge ${check.blocking ? "bad" : "warned"}`}>{number(check.violations)} violation{check.violations === 1 ? "" : "s"}</span>;
}
