import { number, seconds } from "../format.js";
import { consented, data, nodes } from "../model.js";
import { LakeGraph } from "../pictures/graph.jsx";
import { Sign } from "../parts/badges.jsx";
import { runPage } from "../router.js";

export function Home() {
  return (
    <div class="home">
      <header>
        <div>
          <h1>{data.lake}</h1>
          {data.description && <p class="lead">{data.description}</p>}
        </div>
        <Facts />
      </header>
      <LakeGraph />
    </div>
  );
}

function Facts() {
  const tables = [...nodes.values()].filter((node) => !node.isSource);
  const asked = tables.filter((node) => consented(node) !== null && !node.isView);
  const proven = asked.filter((node) => consented(node));
  return (
    <dl class="facts">
      <Fact name={`source${Object.keys(data.sources).length === 1 ? "" : "s"}`} value={number(Object.keys(data.sources).length)} />
      <Fact name={`table${tables.length === 1 ? "" : "s"}`} value={number(tables.length)} />
      {asked.length > 0 && (
        <Fact name="consent proven" value={<>{number(proven.length)}<small> of {number(asked.length)}</small></>} sign={proven.length === asked.length ? "consented" : "failed"} />
      )}
      {data.run && (
        <Fact name={<a href={runPage}>last run {data.run.status}</a>} value={seconds(data.run.seconds)} sign={data.run.status === "ok" ? "consented" : "failed"} />
      )}
    </dl>
  );
}

function Fact({ name, value, sign }) {
  return <div class="fact"><dt>{name}</dt><dd>{sign && <Sign sign={sign} />}{value}</dd></div>;
}
