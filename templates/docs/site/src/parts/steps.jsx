// How a table is made, step by step, with what is known of its joins.
export function Steps({ steps }) {
  return (
    <ol class="steps">
      {steps.map((step, index) => (
        <li key={index}>
          {step.inside && <small class="inside">inside {step.inside}</small>}
          <p>{step.text}</p>
          {step.join && <JoinNote join={step.join} />}
        </li>
      ))}
    </ol>
  );
}

function JoinNote({ join }) {
  return (
    <p class="note">
      {matches(join)}
      {join.mixes && (
        <> <b class="warn">Two people's data can meet in a row</b>, since no key of the person is compared{join.reason ? `. The reason given: ${join.reason}` : ""}.</>
      )}
    </p>
  );
}

function matches(join) {
  const because = join.is_assumed ? ` (declared: ${join.cardinality.replaceAll("_", " ")}; every run checks it)` : "";
  if (join.kind === "semi" || join.kind === "anti") return "A row stays once or goes, and gets no columns.";
  if (join.right_unique) return `At most one row of ${join.other} matches${because}.`;
  if (join.left_unique) return `Several rows of ${join.other} may match, but each of them matches at most one row${because}.`;
  return `Each row comes out once for each match: many to many, ${join.is_declared ? "as declared" : "which isn't declared"}.`;
}
