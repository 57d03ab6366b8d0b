// What proofs take for granted of the raw data.
import { listed } from "../format.js";
import { ColumnLink } from "./column.jsx";

export function Granted({ all }) {
  return (
    <ul class="granted">
      {all.map((one) => <li key={`${one.assumed} ${one.source} ${one.columns}`}><Words one={one} /> <By one={one} /></li>)}
    </ul>
  );
}

function Words({ one }) {
  const [subject] = (one.person_key ?? "").split(".");
  const first = <ColumnLink table={one.source} column={one.columns[0]} />;
  if (one.assumed === "registry_key") return <>Each {first} is one {subject}'s, and none is missing.</>;
  if (one.assumed === "identifies") return <>{first} names the {subject} whom the row is about ({one.person_key}).</>;
  return <>No two rows of <b>{one.source}</b> have the same <code>{listed(one.columns)}</code>.</>;
}

function By({ one }) {
  if (one.checked) return <span class="badge good">every run checks it</span>;
  return <span class="badge">the spec says so; no check can</span>;
}
