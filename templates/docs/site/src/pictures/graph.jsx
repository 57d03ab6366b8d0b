// The lake as a graph: lanes of zones and views, sources and tables as boxes, what they take from each other as arrows.
import { curveBumpX, curveBumpY, line } from "d3-shape";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { counted } from "../format.js";
import { isLarge, lakeLayout } from "../layout/index.js";
import { nodes, reach } from "../model.js";
import { go, tableLink } from "../router.js";
import { NodeBox } from "./node.jsx";
import { nextNode } from "./steering.js";
import { useZoom } from "./zoom.js";
import { EDGES, Legend } from "./legend.jsx";

export function LakeGraph() {
  const frame = useRef(null);
  const size = useSize(frame);
  const first = useRef(null);
  first.current ??= size;
  const layout = useMemo(() => size && lakeLayout({ ...first.current, width: size.width }), [size?.width]);
  return (
    <div class={`graph${layout?.isTall ? " is-tall" : ""}`} style={layout?.isTall ? { minHeight: `${layout.height}px` } : null} ref={frame}>
      {layout && <Canvas layout={layout} size={size} />}
    </div>
  );
}

function useSize(frame) {
  const [size, setSize] = useState(null);
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry.contentRect;
      if (width > 0 && height > 0) setSize({ width, height });
    });
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, []);
  return size;
}

function Canvas({ layout, size }) {
  const [active, setActive] = useState(null);
  const [shown, setShown] = useState({ rows: true, matched: true, checked: false });
  const zoom = useZoom(layout, size);
  const near = useMemo(() => active && around(active), [active]);
  const onKeyDown = (event) => steer(event, layout, zoom, setActive);
  return (
    <>
      <svg
        ref={zoom.svg}
        viewBox={`0 0 ${size.width} ${size.height}`}
        class={isLarge ? "is-large" : ""}
        role="group"
        aria-label="The lake as a graph. Arrow keys go from table to table, Enter opens one, plus and minus zoom."
        onKeyDown={onKeyDown}
      >
        <Markers />
        <g ref={zoom.content}>
          <Bands bands={layout.bands} />
          <g>
            {layout.edges.map((edge) => (
              <Arrow key={`${edge.source} ${edge.table}`} edge={edge} layout={layout} near={near} shown={shown} />
            ))}
          </g>
          <BandNames bands={layout.bands} vertical={layout.vertical} />
          {[...layout.boxes.values()].map((box) => (
            <NodeBox key={box.name} box={box} node={nodes.get(box.name)} near={near} onActive={setActive} />
          ))}
        </g>
      </svg>
      {near && <About near={near} />}
      <Legend shown={shown} onShow={setShown} />
      <div class="zoom" role="group" aria-label="Zoom">
        <button type="button" onClick={() => zoom.by(1.35)} aria-label="Zoom in">+</button>
        <button type="button" onClick={() => zoom.by(1 / 1.35)} aria-label="Zoom out">−</button>
        <button type="button" class="fit" onClick={zoom.fit}>Fit</button>
      </div>
    </>
  );
}

/** What is highlighted with a node: what lies before it, and after it. */
function around(name) {
  return { name, before: reach(name, "inputs"), after: reach(name, "outputs") };
}

/** What is pointed at, in more words than its box has room for. */
function About({ near: { name, before, after } }) {
  const node = nodes.get(name);
  return (
    <div class={`about z-${node.lane.color}`}>
      <b><i />{name}</b>
      {node.detail.description && <p>{node.detail.description}</p>}
      <small>{counted(before.size, "table")} before it, {counted(after.size, "table")} after it</small>
    </div>
  );
}

function Markers() {
  return (
    <defs>
      {["rows", "matched", "checked"].map((kind) => (
        <marker key={kind} id={`tip-${kind}`} class={`tip tip-${kind}`} viewBox="0 0 8 8" refX="7" refY="4"
          markerWidth="8" markerHeight="8" orient="auto-start-reverse" markerUnits="userSpaceOnUse">
          <path d="M0.5 0.8 7.2 4 0.5 7.2Z" />
        </marker>
      ))}
    </defs>
  );
}

function Bands({ bands }) {
  return bands.map(({ lane, x, y, width, height }) => (
    <rect key={lane.index} class={`band z-${lane.color}`} x={x} y={y} width={width} height={height} rx="14" />
  ));
}

function BandNames({ bands, vertical }) {
  return bands.map(({ lane, x, y, width }) => (
    <g key={lane.index} class={`z-${lane.color}`} transform={`translate(${x},${y})`}>
      <text x={16} y={26} class="band-name">{lane.name}</text>
      {lane.require && (
        <text x={vertical ? width - 16 : 16} y={vertical ? 26 : 44} class="band-note" text-anchor={vertical ? "end" : "start"}>
          {`requires consent: ${lane.require}`}
        </text>
      )}
    </g>
  ));
}

function Arrow({ edge, layout, near, shown }) {
  const lit = near && isLit(edge, near);
  if (!shown[edge.kind] && !(lit && edge.kind === "checked")) return null;
  const path = line((point) => point.x, (point) => point.y).curve(layout.vertical ? curveBumpY : curveBumpX);
  const state = near ? (lit ? " lit" : " dim") : "";
  return (
    <path class={`edge edge-${edge.kind}${state}`} d={path(edge.points)} marker-end={`url(#tip-${edge.kind})`}>
      <title>{`${edge.table} ${EDGES[edge.kind].verb} ${edge.source}${edge.joins.length ? ` (${edge.joins.join(", ")} join)` : ""}`}</title>
    </path>
  );
}

function isLit(edge, { name, before, after }) {
  if (edge.kind === "checked") return edge.source === name || edge.table === name;
  const up = (one) => one === name || before.has(one);
  const down = (one) => one === name || after.has(one);
  return (up(edge.source) && up(edge.table)) || (down(edge.source) && down(edge.table));
}

function steer(event, layout, zoom, setActive) {
  const name = event.target.closest?.("[data-node]")?.dataset.node;
  if (event.key === "+" || event.key === "=") zoom.by(1.35);
  else if (event.key === "-") zoom.by(1 / 1.35);
  else if (event.key === "0") zoom.fit();
  else if (event.key === "Escape") {
    document.activeElement?.blur();
    setActive(null);
  } else if (name && (event.key === "Enter" || event.key === " ")) go(tableLink(name));
  else if (name && event.key.startsWith("Arrow")) focusNode(nextNode(layout, name, event.key), zoom, layout);
  else return;
  event.preventDefault();
}

function focusNode(name, zoom, layout) {
  if (!name) return;
  const box = layout.boxes.get(name);
  zoom.reveal(box);
  document.querySelector(`[data-node="${CSS.escape(name)}"]`)?.focus();
}
