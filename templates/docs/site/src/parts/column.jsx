// Where a column comes from, and why it is personal or isn't: a picture, then words.
import { listed } from "../format.js";
import { history, personalWays } from "../lineage.js";
import { columnId, data, nodes, personalKind } from "../model.js";
import { LineagePicture } from "../pictures/lineage.jsx";
import { columnLink } from "../router.js";

export function ColumnStory({ node, column }) {
  const stops = history(node.name, column.name);
  const ways = personalWays(node.name, column.name);
  return (
    <div class="column-story">
      <LineagePicture table={node.name} column={column.name} />
      <div class="story-words">
        <div>
          <h3>Where it comes from</h3>
          <ol>{stops.map((stop) => <Hop key={stop.id} stop={stop} />)}</ol>
        </div>
        <div>
          <h3>Is it personal?</h3>
          <p>{ANSWERS[personalKind(column)]}</p>
          {ways.map((way) => <Way key={columnId(way.source, way.column)} way={way} />)}
          {column.declassified && <p>It is declassified in <code>{node.name}</code>. The reason given: {column.declassified}</p>}
        </div>
      </div>
    </div>
  );
}

const ANSWERS = {
  direct: "Yes, directly: it holds what names a person.",
  pseudonymous: "Yes, though pseudonymous: it names nobody by itself, but with the key, or by hashing again, the person can be found.",
  no: "No, going by what the spec says of the raw columns.",
};

export function ColumnLink({ table, column }) {
  return <a href={columnLink(table, column)}><code>{table}.<b>{column}</b></code></a>;
}

function Hop({ stop }) {
  const column = nodes.get(stop.table).columns.get(stop.column);
  return (
    <li>
      <ColumnLink table={stop.table} column={stop.column} />
      <span>{made(stop, column)}</span>
    </li>
  );
}

function made({ origins }, column) {
  if (column.key !== undefined) return column.key === column.name ? "as it lands" : <>as it lands, where it is spelled <code>{column.key}</code></>;
  const from = origins.map((origin) => columnId(origin.table, origin.column));
  if (column.definitions.length === 0) return from.length === 1 ? <>is <code>{from[0]}</code></> : <>is one of <code>{listed(from)}</code></>;
  const named = column.definitions.length > 1 || column.definitions[0].name !== column.name;
  return column.definitions.map((one) => <code key={one.name} class="definition">{named && `${one.name} `}= {one.expression}</code>);
}

function Way({ way }) {
  const key = data.sources[way.source].columns.find((one) => one.name === way.column);
  const why = personalKind(key) === "direct" ? "which is tagged personal" : `which is a key of a person (${key.identifies})`;
  return (
    <div class="way">
      <p>It depends on <ColumnLink table={way.source} column={way.column} />, {why}{way.path.length > 1 ? ":" : "."}</p>
      {way.path.length > 1 && (
        <ol>
          {way.path.map((stop) => (
            <li key={columnId(stop.table, stop.column)}>
              <ColumnLink table={stop.table} column={stop.column} />
              {stop.how && <small>{stop.how}</small>}
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
