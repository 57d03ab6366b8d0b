// What a run makes of a table whose inputs changed. Code stands in backticks.
export function Refresh({ sentences }) {
  return sentences.map((text) => (
    <p key={text}>{text.split("`").map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part))}</p>
  ));
}
