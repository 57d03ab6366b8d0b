// What the graph's lines and signs mean; its lines can be switched on and off.
import { SignShape } from "./node.jsx";

export const EDGES = {
  rows: { name: "rows from", verb: "takes rows from" },
  matched: { name: "matched with", verb: "is matched with" },
  checked: { name: "only checked", verb: "is checked against" },
};

const SIGNS = { consented: "consent proven", direct: "personal", pseudonymous: "pseudonymous" };

export function Legend({ shown, onShow }) {
  return (
    <div class="legend">
      <div role="group" aria-label="Lines to show">
        {Object.entries(EDGES).map(([kind, { name }]) => (
          <button key={kind} type="button" aria-pressed={shown[kind]} onClick={() => onShow({ ...shown, [kind]: !shown[kind] })}>
            <svg width="30" height="10" aria-hidden="true">
              <path class={`edge edge-${kind}`} d="M1 5H25" marker-end={`url(#tip-${kind})`} />
            </svg>
            {name}
          </button>
        ))}
      </div>
      <ul>
        {Object.entries(SIGNS).map(([sign, name]) => (
          <li key={sign}>
            <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true" class={`sign sign-${sign}`}>
              <SignShape sign={sign} />
            </svg>
            {name}
          </li>
        ))}
      </ul>
    </div>
  );
}
