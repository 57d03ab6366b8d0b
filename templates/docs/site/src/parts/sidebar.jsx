// All tables by zone.
import { useState } from "preact/hooks";
import { compact } from "../format.js";
import { lanes, nodes } from "../model.js";
import { tableLink } from "../router.js";

const MANY = 14;

export function Sidebar({ route }) {
  const [wanted, setWanted] = useState("");
  const matches = (node) => node.name.includes(wanted.trim().toLowerCase());
  return (
    <nav class="sidebar" aria-label="Tables by zone">
      {nodes.size > MANY && (
        <input type="search" placeholder="Filter" aria-label="Filter tables by name" value={wanted} onInput={(event) => setWanted(event.target.value)} />
      )}
      {lanes.map((lane) => <Lane key={lane.index} lane={lane} found={lane.nodes.filter(matches)} here={route.table} />)}
    </nav>
  );
}

function Lane({ lane, found, here }) {
  if (found.length === 0) return null;
  return (
    <section class={`z-${lane.color}`}>
      <h2><i />{lane.name}</h2>
      <ul>
        {found.map((node) => (
          <li key={node.name}>
            <a href={tableLink(node.name)} aria-current={node.name === here ? "page" : undefined}>
              <span>{node.name}</span>
              {node.report?.rows != null && <small>{compact(node.report.rows)}</small>}
            </a>
          </li>
        ))}
      </ul>
    </section>
  );
}
