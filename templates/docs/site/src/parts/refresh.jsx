// What a run makes of a table whose inputs changed. Code stands in backticks; a sentence on an input begins with its name.
import { nodes } from "../model.js";
import { tableLink } from "../router.js";

export function Refresh({ sentences }) {
  const told = sentences.map(inputOf);
  const inputs = told.filter((one) => one.name);
  return (
    <>
      {told.filter((one) => !one.name).map(({ text }) => <p key={text}><Words text={text} /></p>)}
      {inputs.length > 0 && (
        <ul class="reaches">
          {inputs.map(({ name, text }) => (
            <li key={name} class={`z-${nodes.get(name).lane.color}`}>
              <a class="table-name" href={tableLink(name)}><i />{name}</a>
              <span><Words text={text} /></span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function inputOf(sentence) {
  const found = sentence.match(/^(\w+): (.*)$/s);
  return found && nodes.has(found[1]) ? { name: found[1], text: found[2] } : { name: "", text: sentence };
}

function Words({ text }) {
  return text.split("`").map((part, index) => (index % 2 ? <code key={index}>{part}</code> : part));
}
