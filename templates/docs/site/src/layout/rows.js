// A picture from top to bottom that can be read as it is: rows of boxes as wide as the frame, and as many as it takes.
import { lanes, nodes } from "../model.js";
import { boxWidth } from "./shapes.js";

const HEIGHT = 46;
const GAP = { x: 18, y: 34 };
const SIDE = 30;
const NARROW = 640;
const BAND = { before: 38, after: 18, between: 20 };

/** `{boxes, levels, bends, width, height}` for a frame: nothing has to be made smaller to fit its width. */
export function rows(edges, frame) {
  const inputs = Map.groupBy(edges, (edge) => edge.table);
  const room = frame.width - 2 * SIDE;
  const widest = Math.max(...[...nodes.values()].map(boxWidth));
  const fit = Math.floor((room + GAP.x) / (widest + GAP.x));
  const across = Math.max(fit, frame.width < NARROW ? 2 : 1);
  const width = Math.min(widest, (room + GAP.x) / across - GAP.x);
  const boxes = new Map();
  const levels = new Map();
  let y = SIDE / 2;
  let level = 0;
  for (const lane of lanes) {
    y += BAND.before;
    for (const rank of ranks(lane, inputs)) {
      for (const row of split(rank, across, (node) => wanted(node, inputs, boxes))) {
        for (const [name, x] of spread(row, width, frame.width)) {
          boxes.set(name, { name, x, y: y + HEIGHT / 2, width, height: HEIGHT });
          levels.set(name, level);
        }
        y += HEIGHT + GAP.y;
        level += 1;
      }
    }
    y += BAND.after - GAP.y + BAND.between;
  }
  return { boxes, levels, bends: () => [], width: frame.width, height: y };
}

/** The nodes of a lane by how far they are from its first ones. */
function ranks(lane, inputs) {
  const known = new Map();
  const rank = (node) => {
    if (!known.has(node)) {
      const before = (inputs.get(node.name) ?? []).map((edge) => nodes.get(edge.source)).filter((one) => one.lane === lane && one !== node);
      known.set(node, before.length ? Math.max(...before.map(rank)) + 1 : 0);
    }
    return known.get(node);
  };
  const found = Map.groupBy(lane.nodes, rank);
  return [...found.keys()].sort((one, two) => one - two).map((key) => found.get(key));
}

/** Where a node would be right below what it reads. */
function wanted(node, inputs, boxes) {
  const above = (inputs.get(node.name) ?? []).map((edge) => boxes.get(edge.source)?.x).filter((x) => x !== undefined);
  return above.length ? above.reduce((sum, x) => sum + x, 0) / above.length : null;
}

/** A rank in rows of equal length, each from left to right: `[node, wished x or null]`. */
function split(rank, across, wish) {
  const count = Math.ceil(rank.length / across);
  const wished = rank.map((node, index) => [node, wish(node), index]);
  wished.sort((one, two) => (one[1] ?? Infinity) - (two[1] ?? Infinity) || one[2] - two[2]);
  return Array.from({ length: count }, (_, row) => wished.filter((__, index) => index % count === row));
}

/** `[name, x]` of a row: as near to where each wants to be as the others let it. */
function spread(row, width, total) {
  const step = width + GAP.x;
  const [first, last] = [SIDE + width / 2, total - SIDE - width / 2];
  const even = (index) => first + ((last - first) * (index + 0.5)) / row.length;
  const places = [];
  row.forEach(([, wish], index) => places.push(Math.max(wish ?? even(index), index ? places[index - 1] + step : first)));
  for (let index = row.length - 1; index >= 0; index -= 1) {
    places[index] = Math.min(places[index], index < row.length - 1 ? places[index + 1] - step : last);
  }
  return row.map(([node], index) => [node.name, places[index]]);
}
