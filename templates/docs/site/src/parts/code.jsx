// Code of a table in tabs: its job, its SQL.
import highlight from "highlight.js/lib/core";
import python from "highlight.js/lib/languages/python";
import sql from "highlight.js/lib/languages/sql";
import { useRef, useState } from "preact/hooks";

highlight.registerLanguage("python", python);
highlight.registerLanguage("sql", withQuotedNames(sql));

/** Spark quotes names with backticks, which the grammar doesn't know: `timestamp` is no type there. */
function withQuotedNames(language) {
  return (library) => {
    const grammar = language(library);
    return { ...grammar, contains: [{ scope: "name", begin: /`/, end: /`/ }, ...grammar.contains] };
  };
}

/** `views`: `[{name, language, text}]`. */
export function CodeTabs({ views }) {
  const [chosen, setChosen] = useState(0);
  const list = useRef(null);
  const onKeyDown = (event) => {
    const move = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!move) return;
    const next = (chosen + move + views.length) % views.length;
    setChosen(next);
    list.current.children[next].focus();
  };
  const { name, language, text } = views[chosen];
  return (
    <div class="code">
      <div class="code-head">
        <div role="tablist" aria-label="Code" ref={list} onKeyDown={onKeyDown}>
          {views.map((view, position) => (
            <button key={view.name} type="button" role="tab" id={`tab-${position}`} aria-controls="code-panel"
              aria-selected={position === chosen} tabIndex={position === chosen ? 0 : -1} onClick={() => setChosen(position)}>
              {view.name}
            </button>
          ))}
        </div>
        <Copy text={text} />
      </div>
      <div role="tabpanel" id="code-panel" aria-labelledby={`tab-${chosen}`}>
        <pre tabIndex={0} aria-label={name}><code dangerouslySetInnerHTML={{ __html: highlight.highlight(text, { language }).value }} /></pre>
      </div>
    </div>
  );
}

function Copy({ text }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    await navigator.clipboard.writeText(text);
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return navigator.clipboard ? <button type="button" class="copy" onClick={copy} aria-live="polite">{done ? "Copied" : "Copy"}</button> : null;
}
