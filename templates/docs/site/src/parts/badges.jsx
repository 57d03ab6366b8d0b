// Short marks beside a name.
import { SignShape } from "../pictures/node.jsx";
import { consented, personalKind } from "../model.js";

export function Sign({ sign }) {
  return (
    <svg width="12" height="12" viewBox="-6 -6 12 12" aria-hidden="true" class={`sign sign-${sign}`}><SignShape sign={sign} /></svg>
  );
}

export function ZoneBadge({ node }) {
  return <span class={`badge zone z-${node.lane.color}`}><i />{node.zone ?? "in no zone"}</span>;
}

export function ConsentBadge({ node }) {
  const { consent } = node.detail;
  if (!consent) return null;
  const proven = consented(node);
  if (proven === null) return <span class="badge">nobody's data</span>;
  const name = `consent ${consent.consent}`;
  return proven
    ? <a class="badge good" href="#consent" onClick={(event) => jump(event, "consent")}><Sign sign="consented" />{name} proven</a>
    : <span class="badge bad"><Sign sign="failed" />{name} not proven</span>;
}

export function PersonalBadge({ column }) {
  const kind = personalKind(column);
  if (kind === "no") return column.declassified ? <span class="badge" title={column.declassified}>declassified</span> : null;
  return <span class={`badge personal-${kind}`}><Sign sign={kind} />{kind === "direct" ? "personal" : "pseudonymous"}</span>;
}

/** Goes to a part of the page without leaving the page's address. */
export function jump(event, id) {
  event.preventDefault();
  const target = document.getElementById(id);
  target.scrollIntoView({ behavior: "smooth", block: "start" });
  target.focus({ preventScroll: true });
}
