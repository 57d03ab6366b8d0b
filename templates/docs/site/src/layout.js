// Where the graph's nodes go. Zones follow each other; inside a zone a table comes after those that it reads.
import { Graph, layout as dagre } from "@dagrejs/dagre";
import { data, nodes, zones } from "./model.js";

const HEIGHT = 58;
const CHARACTER = 7.25;
const MARGIN = 34;
const LEGEND = 52;
const FEW = 60;
const LARGEST = 1.25;

/** Whether there are too many nodes to give each long arrow a lane of its own, and to read them all at once. */
export const isLarge = nodes.size > FEW;

const isShort = (edge, levels) => Math.abs(levels.get(edge.source) - levels.get(edge.table)) <= 3;

/** `{boxes, edges, bands, width, height}` in the frame's proportions: boxes by centers, edges as points, zones as bands. */
export function lakeLayout(vertical, frame) {
  const drawn = data.edges.filter((edge) => edge.kind !== "checked");
  const levels = rankInZones(drawn, vertical);
  if (isLarge) return described(arranged(drawn.filter((edge) => isShort(edge, levels)), levels, vertical, 20), levels, vertical, frame);
  const tight = arranged(drawn, levels, vertical, 20);
  const graph = arranged(drawn, levels, vertical, roomier(tight.graph(), levels, vertical, frame));
  return described(graph, levels, vertical, frame);
}

function arranged(edges, levels, vertical, nodesep) {
  const graph = new Graph();
  graph.setGraph({
    rankdir: vertical ? "TB" : "LR",
    nodesep,
    edgesep: isLarge ? 4 : 12,
    ranksep: vertical ? 60 : 48,
    marginx: MARGIN,
    marginy: isLarge ? 230 : MARGIN + 24,
    // dagre counts ranks in halves, to have room for labels of edges; one more half parts the zones
    ranker: (inner) => inner.nodes().forEach((name) => (inner.node(name).rank = levels.get(name) ?? -1)),
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const zone of zones) {
    const width = Math.max(...zone.nodes.map(boxWidth));
    for (const { name } of zone.nodes) graph.setNode(name, { width, height: HEIGHT });
  }
  for (const edge of edges) {
    const [from, to] = isTurned(edge, levels) ? [edge.table, edge.source] : [edge.source, edge.table];
    graph.setEdge(from, to, { weight: edge.kind === "rows" ? 3 : 1 });
  }
  return dagre(graph);
}

const boxWidth = ({ name }) => Math.round(Math.min(276, Math.max(168, name.length * CHARACTER + 34)));

/** Room between nodes that lets a small lake fill its frame. */
function roomier({ width, height }, levels, vertical, frame) {
  const spare = vertical ? (height * frame.width) / frame.height - width : (width * frame.height) / frame.width - height;
  const fullest = Math.max(...Map.groupBy(levels.values(), (level) => level).values().map((found) => found.length));
  return Math.min(72, Math.max(20, 20 + (spare * 0.55) / fullest));
}

/** Whether an arrow leads back to an earlier zone; the layout takes it the other way around. */
const isTurned = (edge, levels) => levels.get(edge.source) > levels.get(edge.table);

/** The rank of each node: zone by zone, after its inputs of the zone, and no rank longer than what fits a screen. */
function rankInZones(edges, vertical) {
  const before = Map.groupBy(edges, (edge) => edge.table);
  const limit = vertical ? 2 : Math.max(9, Math.ceil(Math.sqrt(nodes.size) * 1.6));
  const levels = new Map();
  let first = 0;
  for (const zone of zones) {
    const filled = [];
    for (const { name } of zone.nodes) {
      const inputs = (before.get(name) ?? []).filter((edge) => nodes.get(edge.source).zone === zone.name);
      let level = Math.max(0, ...inputs.map((edge) => (levels.get(edge.source) - first) / 2 + 1));
      while ((filled[level] ?? 0) >= limit) level += 1;
      filled[level] = (filled[level] ?? 0) + 1;
      levels.set(name, first + level * 2);
    }
    first += Math.max(1, filled.length) * 2 + 1;
  }
  return levels;
}

function described(graph, levels, vertical, frame) {
  const needed = graph.graph();
  const scale = Math.min(LARGEST, frame.width / needed.width, (frame.height - LEGEND) / needed.height);
  const [width, height] = [frame.width / scale, frame.height / scale];
  const moved = ({ x, y }) => ({ x: x + (width - needed.width) / 2, y: y + (height - LEGEND / scale - needed.height) / 2 });
  const boxes = new Map(graph.nodes().map((name) => [name, { name, ...graph.node(name), ...moved(graph.node(name)) }]));
  const edges = data.edges.map((edge) => {
    const turned = isTurned(edge, levels);
    const found = turned ? graph.edge(edge.table, edge.source)?.points.toReversed() : graph.edge(edge.source, edge.table)?.points;
    const ends = [port(boxes.get(edge.source), !turned, vertical), port(boxes.get(edge.table), turned, vertical)];
    return { ...edge, points: [ends[0], ...(found ?? []).slice(1, -1).map(moved), ends[1]] };
  });
  return { boxes, edges, width, height, bands: bands(boxes, vertical, vertical ? width : height), vertical };
}

/** The middle of a box's side where an arrow starts or ends. */
function port(box, atEnd, vertical) {
  const sign = atEnd ? 1 : -1;
  return vertical
    ? { x: box.x, y: box.y + (sign * box.height) / 2 }
    : { x: box.x + (sign * box.width) / 2, y: box.y };
}

const PADS = { across: [20, 20], down: [38, 18] };

function bands(boxes, vertical, across) {
  const [axis, size] = vertical ? ["y", "height"] : ["x", "width"];
  const [before, after] = vertical ? PADS.down : PADS.across;
  return zones.map((zone) => {
    const mine = zone.nodes.map((one) => boxes.get(one.name));
    const start = Math.min(...mine.map((box) => box[axis] - box[size] / 2)) - before;
    const length = Math.max(...mine.map((box) => box[axis] + box[size] / 2)) + after - start;
    return vertical
      ? { zone, x: 10, y: start, width: across - 20, height: length }
      : { zone, x: start, y: across * 0.014, width: length, height: across * 0.972 };
  });
}
