// The columns of a table; one that is chosen shows where it comes from.
import { useEffect, useRef } from "preact/hooks";
import { neverNull } from "../model.js";
import { columnLink, go, tableLink } from "../router.js";
import { PersonalBadge } from "./badges.jsx";
import { ColumnStory } from "./column.jsx";
import { Section } from "./section.jsx";

export function Columns({ node, chosen }) {
  const sure = neverNull(node);
  const columns = [...node.columns.values()];
  const hasNotes = columns.some((column) => column.description);
  return (
    <Section id="columns" title="Columns">
      <p class="hint">Choose a column to see where it comes from.</p>
      <table class="columns">
        <thead>
          <tr><th>Column</th><th>Type</th>{node.isSource && <th>Spelled in the raw data</th>}<th>Personal data</th><th>Key</th>{hasNotes && <th>Description</th>}</tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <Row key={column.name} node={node} column={column} open={column.name === chosen} sure={sure} hasNotes={hasNotes} />
          ))}
        </tbody>
      </table>
    </Section>
  );
}

function Row({ node, column, open, sure, hasNotes }) {
  const row = useRef(null);
  useEffect(() => {
    if (open) row.current.scrollIntoView({ block: "start", behavior: "instant" });
  }, [open]);
  const close = (event) => event.key === "Escape" && go(tableLink(node.name));
  const width = 4 + node.isSource + hasNotes;
  return (
    <>
      <tr ref={row} class={open ? "open" : ""}>
        <th scope="row">
          <a href={open ? tableLink(node.name) : columnLink(node.name, column.name)} aria-expanded={open} onKeyDown={open ? close : undefined}>
            <code>{column.name}</code>
          </a>
        </th>
        <td><code class="type">{column.type}</code>{sure.has(column.name) && <small class="never-null">not null</small>}</td>
        {node.isSource && <td class="spelling">{column.key !== column.name ? <code>{column.key}</code> : <span class="muted">the same</span>}</td>}
        <td><PersonalBadge column={column} /></td>
        <td class="key">{keyNote(node, column)}</td>
        {hasNotes && <td>{column.description}</td>}
      </tr>
      {open && <tr class="story"><td colSpan={width}><ColumnStory node={node} column={column} /></td></tr>}
    </>
  );
}

function keyNote(node, column) {
  const notes = node.detail.keys.filter((key) => key.includes(column.name)).map((key) => (key.length === 1 ? "unique" : "part of a key"));
  if (column.identifies) notes.push(`identifies ${column.identifies}`);
  return [...new Set(notes)].join(", ");
}
