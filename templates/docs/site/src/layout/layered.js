// A picture from left to right, each long arrow in a lane of its own: for small lakes, and for very large ones from afar.
import { Graph, layout as dagre } from "@dagrejs/dagre";
import { lanes, nodes } from "../model.js";
import { boxWidth, isTurned } from "./shapes.js";

const HEIGHT = 58;
const MARGIN = 34;
const FEW = 120;
const MOST_IN_A_RANK = 9;

/** Whether there are too many nodes to give each long arrow a lane of its own, and to read them all at once. */
export const isLarge = nodes.size > FEW;

const isShort = (edge, levels) => Math.abs(levels.get(edge.source) - levels.get(edge.table)) <= 3;

/** `{boxes, points, width, height, levels}`: boxes by centers, and the bends of the arrow between two nodes. */
export function layered(edges, frame) {
  const levels = rankInLanes(edges);
  const drawn = isLarge ? edges.filter((edge) => isShort(edge, levels)) : edges;
  const tight = arranged(drawn, levels, 20);
  const graph = isLarge ? tight : arranged(drawn, levels, roomier(tight.graph(), levels, frame));
  const boxes = new Map(graph.nodes().map((name) => [name, { name, ...graph.node(name) }]));
  const points = (edge) => {
    if (!isTurned(edge, levels)) return graph.edge(edge.source, edge.table)?.points;
    return graph.edge(edge.table, edge.source)?.points.toReversed();
  };
  return { boxes, levels, bends: (edge) => (points(edge) ?? []).slice(1, -1), ...graph.graph() };
}

function arranged(edges, levels, nodesep) {
  const graph = new Graph();
  graph.setGraph({
    rankdir: "LR",
    nodesep,
    edgesep: isLarge ? 4 : 12,
    ranksep: 48,
    marginx: MARGIN,
    marginy: isLarge ? 230 : MARGIN + 24,
    // dagre counts ranks in halves, to have room for labels of edges; one more half parts the lanes
    ranker: (inner) => inner.nodes().forEach((name) => (inner.node(name).rank = levels.get(name) ?? -1)),
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const lane of lanes) {
    const width = Math.max(...lane.nodes.map(boxWidth));
    for (const { name } of lane.nodes) graph.setNode(name, { width, height: HEIGHT });
  }
  for (const edge of edges) {
    const [from, to] = isTurned(edge, levels) ? [edge.table, edge.source] : [edge.source, edge.table];
    graph.setEdge(from, to, { weight: edge.kind === "rows" ? 3 : 1 });
  }
  return dagre(graph);
}

/** Room between nodes that lets a small lake fill its frame. */
function roomier({ width, height }, levels, frame) {
  const spare = (width * frame.height) / frame.width - height;
  const fullest = Math.max(...Map.groupBy(levels.values(), (level) => level).values().map((found) => found.length));
  return Math.min(72, Math.max(20, 20 + (spare * 0.55) / fullest));
}

/** The rank of each node: lane by lane, after its inputs of the lane, and no rank longer than what fits a screen. */
function rankInLanes(edges) {
  const before = Map.groupBy(edges, (edge) => edge.table);
  const limit = Math.max(MOST_IN_A_RANK, Math.ceil(Math.sqrt(nodes.size) * 1.6));
  const levels = new Map();
  let first = 0;
  for (const lane of lanes) {
    const filled = [];
    for (const { name } of lane.nodes) {
      const inputs = (before.get(name) ?? []).filter((edge) => nodes.get(edge.source).lane === lane && levels.has(edge.source));
      let level = Math.max(0, ...inputs.map((edge) => (levels.get(edge.source) - first) / 2 + 1));
      while ((filled[level] ?? 0) >= limit) level += 1;
      filled[level] = (filled[level] ?? 0) + 1;
      levels.set(name, first + level * 2);
    }
    first += Math.max(1, filled.length) * 2 + 1;
  }
  return levels;
}
