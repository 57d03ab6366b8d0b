// Some rows of data, as they are.
export function Rows({ rows }) {
  const names = Object.keys(rows[0]);
  return (
    <div class="scrolls" tabIndex={0} role="region" aria-label="Examples">
      <table class="rows">
        <thead><tr>{names.map((name) => <th key={name}>{name}</th>)}</tr></thead>
        <tbody>
          {rows.map((row, index) => <tr key={index}>{names.map((name) => <td key={name}>{row[name] === null ? <i>null</i> : String(row[name])}</td>)}</tr>)}
        </tbody>
      </table>
    </div>
  );
}
