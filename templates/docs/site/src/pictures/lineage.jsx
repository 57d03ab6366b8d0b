// A column and all that it comes from: one card a table, one line from column to column, raw data on the left.
import { Graph, layout as dagre } from "@dagrejs/dagre";
import { linkHorizontal } from "d3-shape";
import { clipped } from "../format.js";
import { history, personalWays } from "../lineage.js";
import { columnId, nodes, personalKind } from "../model.js";
import { columnLink } from "../router.js";

const HEAD = 36;
const ROW = 30;
const CHARACTER = 7.1;

export function LineagePicture({ table, column }) {
  const { cards, links, width, height } = picture(table, column);
  const path = linkHorizontal().x((end) => end.x).y((end) => end.y);
  const end = columnId(table, column);
  return (
    <div class="lineage scrolls" tabIndex={0} role="region" aria-label={`Where ${end} comes from`}>
      <svg style={{ width, minWidth: width * 0.72 }} viewBox={`0 0 ${width} ${height}`}>
        {links.map((link) => (
          <path key={link.id} class={`flow ${link.compared ? "flow-compared" : ""}`} d={path(link)}>
            <title>{link.compared ? link.how : "computed from"}</title>
          </path>
        ))}
        {cards.map((card) => <Card key={card.table} card={card} end={end} />)}
      </svg>
    </div>
  );
}

function Card({ card, end }) {
  const node = nodes.get(card.table);
  return (
    <g class={`card z-${node.lane.color} ${node.isSource ? "is-source" : ""}`} transform={`translate(${card.x},${card.y})`}>
      <rect class="box" width={card.width} height={card.height} rx="10" />
      <text class="card-name" x="14" y="23">{clipped(card.table, Math.floor((card.width - 28) / CHARACTER))}</text>
      <line x1="0" x2={card.width} y1={HEAD - 2} y2={HEAD - 2} />
      {card.columns.map((column, index) => (
        <ColumnRow key={column} card={card} column={column} index={index} isEnd={columnId(card.table, column) === end} />
      ))}
    </g>
  );
}

function ColumnRow({ card, column, index, isEnd }) {
  const known = nodes.get(card.table).columns.get(column);
  const kind = personalKind(known);
  return (
    <a href={columnLink(card.table, column)} class={`card-column ${isEnd ? "is-end" : ""}`} transform={`translate(0,${HEAD + index * ROW})`}>
      <rect x="5" y="2" width={card.width - 10} height={ROW - 5} rx="6" />
      <circle class={`dot dot-${kind}`} cx="17" cy={ROW / 2} r="3.4" />
      <text x="29" y={ROW / 2 + 4}>{clipped(label(known, column), Math.floor((card.width - 40) / CHARACTER))}</text>
      <title>{`${columnId(card.table, column)}: ${known.type}`}</title>
    </a>
  );
}

const label = (known, column) => (known.key && known.key !== column ? `${column} ← ${known.key}` : column);

/** Cards and links with their places. */
function picture(table, column) {
  const { columns, links } = involved(table, column);
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: 22, ranksep: 60, marginx: 14, marginy: 14 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const [name, found] of columns) graph.setNode(name, { ...box(name, found), columns: [...found] });
  for (const link of links) graph.setEdge(link.from.table, link.to.table);
  dagre(graph);
  const cards = graph.nodes().map((name) => corner(name, graph.node(name)));
  const by = new Map(cards.map((card) => [card.table, card]));
  const placed = links.map((link) => ({ ...link, source: side(by, link.from, true), target: side(by, link.to, false) }));
  return { cards, links: placed, width: graph.graph().width, height: graph.graph().height };
}

function box(name, found) {
  const known = nodes.get(name).columns;
  const widest = Math.max(name.length + 2, ...[...found].map((one) => label(known.get(one), one).length + 4));
  return { width: Math.min(330, Math.max(150, widest * CHARACTER + 22)), height: HEAD + found.size * ROW + 4 };
}

const corner = (table, { x, y, width, height, columns }) => ({ table, columns, width, height, x: x - width / 2, y: y - height / 2 });

function side(cards, { table, column }, isRight) {
  const card = cards.get(table);
  return { x: card.x + (isRight ? card.width : 0), y: card.y + HEAD + (card.columns.indexOf(column) + 0.5) * ROW };
}

/** The columns by table, and the links between them: what is computed, and what personal data comes by comparing. */
function involved(table, column) {
  const columns = new Map();
  const links = new Map();
  const add = (stop) => columns.set(stop.table, (columns.get(stop.table) ?? new Set()).add(stop.column));
  const link = (from, to, compared, how) => {
    const id = `${columnId(from.table, from.column)} ${columnId(to.table, to.column)}`;
    if (!links.has(id)) links.set(id, { id, from, to, compared, how });
  };
  for (const stop of history(table, column)) {
    add(stop);
    for (const origin of stop.origins) link(origin, stop, false, "");
  }
  for (const { path } of personalWays(table, column)) {
    path.forEach((stop, index) => {
      add(stop);
      if (index > 0) link(path[index - 1], stop, stop.compared, stop.how);
    });
  }
  return { columns, links: [...links.values()] };
}
