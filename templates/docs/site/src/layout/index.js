// Where the graph's nodes go. Lanes follow each other; inside a lane a table comes after those that it reads.
import { data, lanes } from "../model.js";
import { isLarge, layered } from "./layered.js";
import { rows } from "./rows.js";
import { isTurned } from "./shapes.js";

export { isLarge };

const LEGEND = 52;
const LARGEST = 1.25;
const READABLE = 0.85;
const NARROW = 640;

/**
 * `{boxes, edges, bands, width, height, vertical, isTall}`: boxes by centers, edges as points, lanes as bands. The picture
 * is in the frame's proportions; one that is tall has its width, and needs a frame as high as itself.
 */
export function lakeLayout(frame) {
  const drawn = data.edges.filter((edge) => edge.kind !== "checked");
  if (frame.width >= NARROW) {
    const found = layered(drawn, frame);
    const scale = Math.min(LARGEST, frame.width / found.width, (frame.height - LEGEND) / found.height);
    if (isLarge || scale >= READABLE) return described(found, false, { width: frame.width / scale, height: frame.height / scale }, LEGEND / scale);
  }
  const found = rows(drawn, frame);
  const height = Math.max(frame.height, found.height + LEGEND);
  return { ...described(found, true, { width: frame.width, height }, LEGEND), isTall: height > frame.height };
}

function described({ boxes: placed, levels, bends, ...needed }, vertical, { width, height }, legend) {
  const moved = ({ x, y }) => ({ x: x + (width - needed.width) / 2, y: y + (height - legend - needed.height) / 2 });
  const boxes = new Map([...placed].map(([name, box]) => [name, { ...box, ...moved(box) }]));
  const edges = data.edges.map((edge) => {
    const turned = isTurned(edge, levels);
    const ends = [port(boxes.get(edge.source), !turned, vertical), port(boxes.get(edge.table), turned, vertical)];
    return { ...edge, points: [ends[0], ...bends(edge).map(moved), ends[1]] };
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
  return lanes.map((lane) => {
    const mine = lane.nodes.map((one) => boxes.get(one.name));
    const start = Math.min(...mine.map((box) => box[axis] - box[size] / 2)) - before;
    const length = Math.max(...mine.map((box) => box[axis] + box[size] / 2)) + after - start;
    return vertical
      ? { lane, x: 10, y: start, width: across - 20, height: length }
      : { lane, x: start, y: across * 0.014, width: length, height: across * 0.972 };
  });
}
