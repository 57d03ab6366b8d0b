// A link to a table or source, in the colour of its zone.
import { tableLink } from "../router.js";

export function TableName({ node }) {
  return <a class={`table-name z-${node.lane.color}`} href={tableLink(node.name)}><i />{node.name}</a>;
}
