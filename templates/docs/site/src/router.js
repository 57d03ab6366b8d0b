// Addresses: #/, #/checks, #/run, #/table/NAME, #/table/NAME/column/COLUMN; tables and sources share one name space.
import { useEffect, useState } from "preact/hooks";
import { nodes } from "./model.js";

export const home = "#/";
export const checksPage = "#/checks";
export const runPage = "#/run";
export const tableLink = (name) => `#/table/${encodeURIComponent(name)}`;
export const columnLink = (name, column) => `${tableLink(name)}/column/${encodeURIComponent(column)}`;

export function go(link) {
  window.location.hash = link;
}

/** The page that the address asks for: `{page, table?, column?}`. */
export function useRoute() {
  const [route, setRoute] = useState(parse);
  useEffect(() => {
    const follow = () => setRoute(parse());
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  return route;
}

function parse() {
  const [page, table, , column] = parts(window.location.hash);
  if (!page) return { page: "home" };
  if (page === "run" || page === "checks") return { page };
  const one = page === "table" ? nodes.get(table) : undefined;
  if (!one) return { page: "missing", what: table ?? page };
  return { page: "table", table, column: one.columns.has(column) ? column : undefined };
}

function parts(hash) {
  try {
    return hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  } catch {
    return [hash];
  }
}
