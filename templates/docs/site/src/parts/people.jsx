// Whose data the rows hold.
import { listed } from "../format.js";
import { Section } from "./section.jsx";

export function People({ node }) {
  const { people, mixing = [], undeclared } = node.detail;
  const unsaid = node.isSource ? (undeclared ? [node.name] : []) : undeclared;
  return (
    <Section id="people" title="People in a row">
      <ul class="people">
        {people.map((person, index) => <li key={index}>{words(person)}</li>)}
        {unsaid.map((source) => <li key={source}>Whose data <code>{source}</code> holds isn't said.</li>)}
        {people.length + unsaid.length === 0 && <li>Nobody: the rows are about no person.</li>}
        {mixing.map((one) => <li key={one.table + one.join}><Mixed one={one} /></li>)}
        {!node.isSource && mixing.length === 0 && people.length > 0 && !people.some((person) => person.aggregated) && (
          <li>No row holds the data of two different people of one kind.</li>
        )}
      </ul>
    </Section>
  );
}

function words(person) {
  const rows = <>from rows of <b>{listed(person.sources)}</b></>;
  if (person.aggregated) return <>Several {person.subject}s summed up, {rows}; who they are can't be told any more.</>;
  const known = person.identified_by.length ? <>, known by <code>{listed(person.identified_by)}</code></> : ", not named by any column";
  return <>A {person.subject}, {rows}{known}{person.optional ? "; may be missing, where nothing matched" : ""}.</>;
}

function Mixed({ one }) {
  const reason = one.reason ? `. The reason given: ${one.reason}` : "";
  return (
    <>
      <b class="warn">Two people of one kind can meet in a row</b>
      {one.join ? <>, by a join of <code>{one.table}</code>: <code>{one.join}</code></> : <>: the rows of <code>{one.table}</code> are about two as they land</>}
      {reason}.
    </>
  );
}
