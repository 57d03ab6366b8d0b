// A source or table as a box of the graph.
import { clippedInside, compact, counted } from "../format.js";
import { consented } from "../model.js";
import { tableLink } from "../router.js";

const ROOMY = 160;

export function NodeBox({ box, node, near, onActive }) {
  const leave = () => onActive(null);
  return (
    <a
      href={tableLink(node.name)}
      draggable={false}
      data-node={node.name}
      class={`node z-${node.lane.color} ${shape(node)} ${state(node.name, near)}`}
      transform={`translate(${box.x - box.width / 2},${box.y - box.height / 2})`}
      aria-label={spoken(node)}
      onMouseEnter={() => onActive(node.name)}
      onMouseLeave={leave}
      onFocus={() => onActive(node.name)}
      onBlur={leave}
    >
      <rect class="box" width={box.width} height={box.height} rx="10" />
      <path class="edge-bar" d={`M10 0H7A7 7 0 0 0 0 7V${box.height - 7}A7 7 0 0 0 7 ${box.height}H10Z`} transform="scale(.42,1)" />
      <text class="node-name" x="16" y={box.height * 0.43}>{clippedInside(node.name, Math.floor((box.width - 24) / 7.25))}</text>
      {" "}
      <text class="node-note" x="16" y={box.height * 0.75}>{note(node, box.width < ROOMY)}</text>
      <Signs node={node} box={box} />
    </a>
  );
}

const shape = (node) => (node.isSource ? "is-source" : node.isView ? "is-view" : "is-table");

function state(name, near) {
  if (!near) return "";
  if (name === near.name) return "lit active";
  return near.before.has(name) || near.after.has(name) ? "lit" : "dim";
}

/** What is to be said below the name; only the half of it where there is no room for more. */
function note(node, isBrief = false) {
  const columns = isBrief ? null : counted(node.columns.size, "column");
  const rows = node.report?.rows;
  if (node.report?.status === "failed") return joined("failed", columns);
  if (rows !== null && rows !== undefined) return joined(`${compact(rows)} rows`, columns);
  return joined(node.isSource ? node.detail.format : node.isView ? "view" : "table", columns);
}

const joined = (...parts) => parts.filter(Boolean).join(" · ");

/** What is worth a sign: personal data, proven consent, a failed run. */
function Signs({ node, box }) {
  const signs = [
    node.report?.status === "failed" && "failed",
    node.personal !== "no" && node.personal,
    consented(node) === true && "consented",
  ].filter(Boolean);
  return signs.toReversed().map((sign, index) => (
    <g key={sign} class={`sign sign-${sign}`} transform={`translate(${box.width - 16 - index * 15},${box.height * 0.68})`}>
      <SignShape sign={sign} />
    </g>
  ));
}

export function SignShape({ sign }) {
  if (sign === "consented") return <path d="M-4.2 0.4-1.3 3.3 4.4-3.2" class="stroke" />;
  if (sign === "failed") return <path d="M-3.3-3.3 3.3 3.3M3.3-3.3-3.3 3.3" class="stroke" />;
  return <circle r="3.6" />;
}

function spoken(node) {
  const kind = node.isSource ? "source" : node.isView ? "view" : "table";
  const parts = [`${node.name} ${note(node)}`, `${kind} in ${node.zone ?? "no zone"}`];
  if (node.personal !== "no") parts.push(`${node.personal === "direct" ? "personal" : "pseudonymous"} data`);
  if (consented(node)) parts.push("consent proven");
  return parts.join(", ");
}
