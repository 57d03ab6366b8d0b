import { data } from "../model.js";
import { checksPage, home, runPage } from "../router.js";
import { ThemeSwitch } from "./theme.jsx";

export function TopBar({ route, onSearch, menu, onMenu }) {
  const here = (page) => (route.page === page ? "page" : undefined);
  return (
    <header class="topbar">
      <button type="button" class="menu" aria-expanded={menu} aria-label="Tables" onClick={onMenu}>
        <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true"><path class="stroke" d="M2.5 5H15.5M2.5 9H15.5M2.5 13H15.5" /></svg>
      </button>
      <a class="brand" href={home}>
        <svg width="22" height="22" viewBox="0 0 22 22" aria-hidden="true">
          <path class="stroke" d="M2 8.2C4.4 5.6 6.6 5.6 9 8.2S13.6 10.800 16 8.2 19 6 20 6.600" />
          <path class="stroke" d="M2 13.200C4.400 10.600 6.600 10.600 9 13.200S13.600 15.800 16 13.200 19 11 20 11.600" />
        </svg>
        <span>{data.lake}</span>
      </a>
      <nav aria-label="Pages">
        <a href={home} aria-current={here("home")}>Lake</a>
        <a href={checksPage} aria-current={here("checks")}>Checks</a>
        {data.run && <a href={runPage} aria-current={here("run")}>Last run</a>}
      </nav>
      <button type="button" class="search-button" onClick={onSearch} aria-keyshortcuts="/">
        <svg width="15" height="15" viewBox="0 0 15 15" aria-hidden="true"><path class="stroke" d="M10.200 10.200 13.500 13.500M11.500 6.500A5 5 0 1 1 1.500 6.500 5 5 0 0 1 11.500 6.500Z" /></svg>
        <span>Search tables and columns</span>
        <kbd>/</kbd>
      </button>
      <ThemeSwitch />
    </header>
  );
}
