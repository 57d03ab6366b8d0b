import { useEffect, useRef, useState } from "preact/hooks";
import { data, nodes } from "./model.js";
import { ChecksPage } from "./pages/checks.jsx";
import { Home } from "./pages/home.jsx";
import { RunPage } from "./pages/run.jsx";
import { TablePage } from "./pages/table.jsx";
import { Search } from "./parts/search.jsx";
import { Sidebar } from "./parts/sidebar.jsx";
import { TopBar } from "./parts/topbar.jsx";
import { home, useRoute } from "./router.js";

export function App() {
  const route = useRoute();
  const search = useRef(null);
  const openSearch = () => search.current.open || search.current.showModal();
  const [menu, setMenu] = useState(false);
  const main = useRef(null);
  useShortcut(openSearch);
  useArrival(route, main);
  useEffect(() => setMenu(false), [route]);
  return (
    <div class={`app page-${route.page} ${menu ? "menu-open" : ""}`}>
      <a class="skip" href="#main" onClick={(event) => skip(event, main)}>Skip to the content</a>
      <TopBar route={route} onSearch={openSearch} menu={menu} onMenu={() => setMenu(!menu)} />
      <Sidebar route={route} />
      <main id="main" ref={main} tabIndex={-1}>
        <Page route={route} />
      </main>
      <Search dialog={search} />
    </div>
  );
}

const TITLES = { run: "the last run", checks: "checks" };

function Page({ route }) {
  if (route.page === "home") return <Home />;
  if (route.page === "checks") return <ChecksPage />;
  if (route.page === "run") return <RunPage />;
  if (route.page === "table") return <TablePage key={route.table} node={nodes.get(route.table)} column={route.column} />;
  return (
    <article class="page">
      <h1>Not here</h1>
      <p class="lead">There is nothing called <code>{route.what}</code> in the lake. <a href={home}>Back to the lake</a></p>
    </article>
  );
}

function skip(event, main) {
  event.preventDefault();
  main.current.focus();
}

/** `/` and Ctrl+K open the search, except while something is typed. */
function useShortcut(open) {
  useEffect(() => {
    const listen = (event) => {
      const typing = event.target.closest?.("input, textarea, select");
      const slash = event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (slash || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        open();
      }
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
}

/** On another page: its title, its top, and the focus there for who reads with the keyboard. */
function useArrival(route, main) {
  const first = useRef(true);
  useEffect(() => {
    document.title = [route.column, route.table, TITLES[route.page], data.lake].filter(Boolean).join(" · ");
  }, [route]);
  useEffect(() => {
    if (!first.current) {
      window.scrollTo(0, 0);
      main.current.focus({ preventScroll: true });
    }
    first.current = false;
  }, [route.page, route.table]);
}
