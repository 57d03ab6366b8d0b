// What a table reads, and what reads it.
import { EDGES } from "../pictures/legend.jsx";
import { nodes } from "../model.js";
import { tableLink } from "../router.js";

export function Neighbours({ node }) {
  if (node.inputs.length + node.outputs.length === 0) return null;
  return (
    <div class="neighbours">
      <Side title={node.isSource ? "Lands from" : "Reads"} edges={node.inputs} end="source" empty={node.isSource ? "outside the lake" : "nothing"} />
      <Side title="Read by" edges={node.outputs} end="table" empty="nothing in the lake" />
    </div>
  );
}

function Side({ title, edges, end, empty }) {
  return (
    <div>
      <h2>{title}</h2>
      {edges.length === 0 && <p class="muted">{empty}</p>}
      <ul>
        {["rows", "matched", "checked"].flatMap((kind) => edges.filter((edge) => edge.kind === kind)).map((edge) => (
          <li key={edge[end]} class={`z-${nodes.get(edge[end]).lane.color}`}>
            <a href={tableLink(edge[end])}><i />{edge[end]}</a>
            <small>{EDGES[edge.kind].name}{edge.joins.length > 0 && ` (${edge.joins.join(", ")} join)`}</small>
          </li>
        ))}
      </ul>
    </div>
  );
}
