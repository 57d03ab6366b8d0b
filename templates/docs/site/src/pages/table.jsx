import { counted, listed, number, seconds } from "../format.js";
import { nodes } from "../model.js";
import { ConsentBadge, ZoneBadge } from "../parts/badges.jsx";
import { Checks } from "../parts/checks.jsx";
import { CodeTabs } from "../parts/code.jsx";
import { Columns } from "../parts/columns.jsx";
import { Consent } from "../parts/consent.jsx";
import { Expectations } from "../parts/expectations.jsx";
import { Neighbours } from "../parts/neighbours.jsx";
import { People } from "../parts/people.jsx";
import { Quarantine } from "../parts/quarantine.jsx";
import { Refresh } from "../parts/refresh.jsx";
import { Section } from "../parts/section.jsx";
import { Steps } from "../parts/steps.jsx";
import { Waterfall } from "../pictures/waterfall.jsx";

/** The page of a table, a view or a source. */
export function TablePage({ node, column }) {
  const { detail, report } = node;
  return (
    <article class={`page z-${node.lane.color}`}>
      <Head node={node} />
      <Neighbours node={node} />
      <Columns node={node} chosen={column} />
      {!node.isSource && <Section id="made" title="How it is made"><Steps steps={detail.steps} /></Section>}
      {detail.refresh?.length > 0 && <Section id="refresh" title="What a run makes"><Refresh sentences={detail.refresh} /></Section>}
      {report && !(node.isView && report.status === "ok") && <LastRun node={node} />}
      {!node.isSource && <Consent node={node} />}
      <People node={node} />
      {!node.isSource && <Expectations node={node} />}
      {!node.isSource && <Section id="code" title="Code"><CodeTabs views={codeOf(node)} /></Section>}
    </article>
  );
}

function Head({ node }) {
  const { detail, report } = node;
  return (
    <header class="head">
      <div class="badges">
        <ZoneBadge node={node} />
        <span class="badge">{node.isSource ? "source" : node.isView ? "view" : "table"}</span>
        {!node.isSource && <ConsentBadge node={node} />}
        {detail.tags.map((tag) => <span key={tag} class="badge tag">{tag}</span>)}
        {report && report.status !== "ok" && <span class="badge bad">{report.status}</span>}
      </div>
      <h1><code>{node.name}</code></h1>
      {detail.description && <p class="lead">{detail.description}</p>}
      <dl class="meta">{facts(node).map(([name, value]) => <div key={name}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>
    </header>
  );
}

function facts(node) {
  const { detail, report } = node;
  const found = [["declared in", <code>{detail.file}</code>]];
  if (detail.owner) found.push(["owner", detail.owner]);
  if (report?.rows != null) found.push(["rows", number(report.rows)]);
  if (node.isSource) found.push(["path", <code>{detail.paths.join(" and ")}</code>], ["format", format(detail)]);
  if (node.isSource && detail.max_bad_rows != null) found.push(["bad lines allowed", String(detail.max_bad_rows)]);
  if (detail.event_time) found.push(["event time", <code>{detail.event_time}</code>]);
  found.push(["columns", number(node.columns.size)], ["unique", keys(detail.keys)]);
  if (!node.isSource) found.push(["personal data", POLICIES[detail.pii_policy]]);
  if (detail.keep_versions) found.push(["versions kept", number(detail.keep_versions)]);
  if (detail.job) found.push(["job", job(node)]);
  found.push(...layout(detail.layout));
  for (const consent of detail.consents ?? []) found.push([`consent ${consent.name}`, <code>{consent.when}</code>]);
  return found;
}

/** How the files of a deployed table lie, where the spec says so. */
function layout({ partition_by: parts, sort_by: order, file_size: size }) {
  const found = [];
  if (parts.length > 0) found.push(["partitioned by", names(parts)]);
  if (order.length > 0) found.push(["sorted by", names(order)]);
  if (size != null) found.push(["file size", `up to ${size / 2 ** 20} MB`]);
  return found;
}

/** The job that makes a node on Glue, and how much it makes besides. */
function job(node) {
  const { job: name } = node.detail;
  const others = [...nodes.values()].filter((other) => other !== node && other.detail.job === name).map((other) => other.name);
  if (others.length === 0) return <code>{name}</code>;
  const more = others.length > MOST_NAMES ? ` and ${number(others.length - MOST_NAMES)} more` : "";
  return <><code>{name}</code>, with {names(others.slice(0, MOST_NAMES))}{more}</>;
}

const MOST_NAMES = 5;

function names(found) {
  return found.map((name, at) => <span key={name}>{at > 0 && ", "}<code>{name}</code></span>);
}

const POLICIES = { allow: "allowed", pseudonymous: "pseudonymous only", forbid: "forbidden" };

function format({ format: name, delimiter }) {
  return name === "json" ? "JSON, one object a line" : delimiter ? <>CSV, by <code>{delimiter}</code></> : name;
}

function keys(found) {
  if (found.length === 0) return "nothing known";
  if (found.some((key) => key.length === 0)) return "at most one row";
  return listed(found.map((key) => key.join(" + ")));
}

function LastRun({ node }) {
  const { report } = node;
  const title = <>The last run <small>{seconds(report.seconds)}</small></>;
  return (
    <Section id="run" title={title}>
      {report.problem && <p class="problem"><b>{report.status}:</b> {report.problem}{report.help && <><br />{report.help}</>}</p>}
      <WhatWasMade report={report} />
      {report.rows != null && !node.isView && <Waterfall node={node} />}
      <Expected report={report} />
      {node.isSource && <Quarantine node={node} />}
      <Checks report={report} />
    </Section>
  );
}

function WhatWasMade({ report }) {
  const { unchanged, added, removed, rows_read: read, anew } = report;
  if (anew) return <p class="muted">Made anew: {anew}.</p>;
  if (added != null) {
    const change = added || removed ? `+${number(added)} −${number(removed)}` : "no row is another";
    return <p class="muted">Kept by what changed: {change}; {counted(read, "row")} {read === 1 ? "was" : "were"} looked through.</p>;
  }
  return unchanged ? <p class="muted">Unchanged: what was there stays.</p> : null;
}

function Expected({ report }) {
  if (report.expected == null || report.rows == null) return null;
  return report.rows === report.expected
    ? <p class="muted">{counted(report.expected, "row")}, as the reference data must give.</p>
    : <p class="problem">The reference data must give {counted(report.expected, "row")}; there are {number(report.rows)}.</p>;
}

function codeOf(node) {
  const { script, sql } = node.detail;
  const views = [
    { name: "Spark SQL", language: "sql", text: sql.spark },
    { name: "DuckDB SQL", language: "sql", text: sql.duckdb },
  ];
  return script ? [{ name: "Glue job", language: "python", text: script }, ...views] : views;
}
