// Search over tables, columns and descriptions: a box with results, steered by arrows, Enter and Escape.
import MiniSearch from "minisearch";
import { useEffect, useMemo, useState } from "preact/hooks";
import { nodes } from "../model.js";
import { columnLink, go, tableLink } from "../router.js";

const LIMIT = 40;
let known;

function index() {
  if (known) return known;
  known = new MiniSearch({
    fields: ["name", "parts", "description"],
    storeFields: ["table", "column"],
    searchOptions: { prefix: true, fuzzy: (term) => (term.length > 4 ? 0.2 : false), boost: { name: 4, parts: 2 }, combineWith: "AND", boostDocument },
  });
  known.addAll([...nodes.values()].flatMap(documents));
  return known;
}

const boostDocument = (_id, _term, stored) => (stored.column ? 1 : 3);
const split = (name) => name.replace(/[_\-.]+/g, " ");

const said = ({ description, owner, tags }) => [description, owner, ...tags].filter(Boolean).join(" ");

function documents(node) {
  const table = { id: node.name, name: node.name, parts: split(node.name), description: said(node.detail), table: node.name };
  const columns = [...node.columns.values()].map((column) => ({
    id: `${node.name}.${column.name}`,
    name: column.name,
    parts: `${split(column.name)} ${column.key ?? ""} ${node.name}.${column.name}`,
    description: column.description ?? "",
    table: node.name,
    column: column.name,
  }));
  return [table, ...columns];
}

function find(text) {
  if (!text.trim()) return [...nodes.keys()].slice(0, LIMIT).map((table) => ({ id: table, table }));
  return index().search(text).slice(0, LIMIT);
}

const linkOf = (hit) => (hit.column ? columnLink(hit.table, hit.column) : tableLink(hit.table));

export function Search({ dialog }) {
  const [isOpen, setOpen] = useState(false);
  const [text, setText] = useState("");
  const [chosen, setChosen] = useState(0);
  const hits = useMemo(() => (isOpen ? find(text) : []), [isOpen, text]);
  useEffect(() => void window.requestIdleCallback?.(index), []);
  useEffect(() => document.getElementById(`hit-${chosen}`)?.scrollIntoView({ block: "nearest" }), [chosen, hits]);
  const type = (wanted) => {
    setText(wanted);
    setChosen(0);
  };
  // At once: the browser tells of closing later, or never if the search is opened again before.
  const forget = () => type("");
  const leave = () => {
    forget();
    dialog.current.close();
  };
  const open = (hit) => {
    go(linkOf(hit));
    leave();
  };
  const onKeyDown = (event) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move && hits.length) setChosen((chosen + move + hits.length) % hits.length);
    else if (event.key === "Enter" && hits[chosen]) open(hits[chosen]);
    else return;
    event.preventDefault();
  };
  return (
    <dialog ref={dialog} class="search" aria-label="Search" onToggle={(event) => setOpen(event.newState === "open")} onCancel={forget}
      onClick={(event) => event.target === dialog.current && leave()}>
      <input
        type="text" role="combobox" autofocus placeholder="A table, a column, a word of a description" aria-label="Search tables, columns and descriptions"
        aria-expanded={isOpen} aria-controls="hits" aria-activedescendant={hits.length ? `hit-${chosen}` : undefined} autocomplete="off" spellcheck={false}
        value={text} onKeyDown={onKeyDown} onInput={(event) => type(event.target.value)}
      />
      <ul id="hits" role="listbox" aria-label="Found">
        {hits.map((hit, position) => (
          <Hit key={hit.id} hit={hit} position={position} chosen={position === chosen} onChoose={setChosen} onOpen={open} />
        ))}
      </ul>
      {isOpen && hits.length === 0 && <p class="muted">Nothing has <b>{text}</b> in its name or description.</p>}
      <footer><kbd>↑</kbd><kbd>↓</kbd> choose <kbd>↵</kbd> open <kbd>esc</kbd> close</footer>
    </dialog>
  );
}

function Hit({ hit, position, chosen, onChoose, onOpen }) {
  const node = nodes.get(hit.table);
  const column = hit.column && node.columns.get(hit.column);
  return (
    <li id={`hit-${position}`} role="option" aria-selected={chosen} class={`z-${node.lane.color}`}
      onMouseMove={() => onChoose(position)} onClick={() => onOpen(hit)}>
      <i />
      <span class="hit-name">{column ? <>{hit.column} <small>{column.type}</small></> : hit.table}</span>
      <span class="hit-note">{column ? `in ${hit.table}` : node.detail.description ?? (node.isSource ? "source" : "table")}</span>
    </li>
  );
}
