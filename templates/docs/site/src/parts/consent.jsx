// The proof of consent of a table in words, from the table down to the people's own records.
import { listed } from "../format.js";
import { nodes } from "../model.js";
import { assumptionsOf, proofChain } from "../proof.js";
import { tableLink } from "../router.js";
import { Granted } from "./granted.jsx";
import { Section } from "./section.jsx";

export function Consent({ node }) {
  return (
    <Section id="consent" title="Consent">
      <Words node={node} />
    </Section>
  );
}

function Words({ node }) {
  const { consent } = node.detail;
  if (!consent) return <p>{node.zone ? <>Zone <b>{node.zone}</b> requires no consent.</> : "It is in no zone that requires one."}</p>;
  return (
    <>
      <p>
        Zone <b>{node.zone}</b> requires that every {consent.subject} in it gave the consent <b>{consent.consent}</b>:{" "}
        <code>{consent.when}</code>, in <TableLink name={consent.registry} />.
      </p>
      <Verdict node={node} consent={consent} />
    </>
  );
}

function Verdict({ node, consent }) {
  if (!consent.proven) return <p class="problem">That is not proven for the rows of this view; the tables that are made from it must prove it.</p>;
  if (!consent.about) return <p>No row holds data of a {consent.subject}, so there is nobody to ask.</p>;
  return (
    <>
      <p class="verdict">That is proven for every row:</p>
      <ol class="proof">
        {proofChain(node.name).map((one) => <Link key={one.table} link={one} registry={consent.registry} />)}
      </ol>
      {consent.since && <p>Data from before the consent (<code>{consent.since}</code>) is not there either.</p>}
      <h3>What the proof takes for granted</h3>
      <Granted all={assumptionsOf(node.name)} />
    </>
  );
}

function Link({ link, registry }) {
  return (
    <li class={`z-${nodes.get(link.table).lane.color}`}>
      <TableLink name={link.table} />
      {link.steps.map((step, index) => (
        <p key={index}>
          The {step.subject} behind rows of <b>{listed(step.sources)}</b>: <code>{step.step}</code>
          {ending(step, registry)}
        </p>
      ))}
    </li>
  );
}

function ending(step, registry) {
  const proven = step.relies_on.length ? "of which consent is proven below" : "of which consent is proven";
  if (step.rule === "asks") return <>, which asks the {step.subject}'s own record in <TableLink name={registry} />.</>;
  if (step.rule === "matches") return <>, which matches a key of the {step.subject} with rows {proven}.</>;
  return <>, {proven}.</>;
}

function TableLink({ name }) {
  return <a href={tableLink(name)}><code>{name}</code></a>;
}
