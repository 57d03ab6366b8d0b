// Which node an arrow key leads to: along an arrow of the graph, or to the neighbour beside it.
import { nodes } from "../model.js";

/** The name of the next node, or undefined. */
export function nextNode(layout, name, key) {
  const along = layout.vertical ? ["ArrowUp", "ArrowDown"] : ["ArrowLeft", "ArrowRight"];
  const here = layout.boxes.get(name);
  if (key === along[0]) return linked(nodes.get(name).inputs, "source") ?? nearest(layout, here, key);
  if (key === along[1]) return linked(nodes.get(name).outputs, "table") ?? nearest(layout, here, key);
  return nearest(layout, here, key);
}

const ORDER = ["rows", "matched"];

function linked(edges, end) {
  const found = edges.filter((edge) => ORDER.includes(edge.kind));
  return found.sort((one, two) => ORDER.indexOf(one.kind) - ORDER.indexOf(two.kind))[0]?.[end];
}

const AWAY = { ArrowLeft: ["x", -1], ArrowRight: ["x", 1], ArrowUp: ["y", -1], ArrowDown: ["y", 1] };

/** The closest box in a direction; what lies aside counts three times as far. */
function nearest(layout, here, key) {
  const [axis, sign] = AWAY[key];
  const other = axis === "x" ? "y" : "x";
  const found = [...layout.boxes.values()]
    .map((box) => ({ box, ahead: (box[axis] - here[axis]) * sign, aside: Math.abs(box[other] - here[other]) }))
    .filter(({ ahead }) => ahead > 1);
  return found.sort((one, two) => one.ahead + 3 * one.aside - (two.ahead + 3 * two.aside))[0]?.box.name;
}
