// Light or dark: as the system has it, until the reader chooses.
import { useEffect, useLayoutEffect, useState } from "preact/hooks";

const KEY = "lake-site-theme";
const systemIsDark = window.matchMedia("(prefers-color-scheme: dark)");

export function ThemeSwitch() {
  const [chosen, setChosen] = useState(remembered);
  const [system, setSystem] = useState(systemIsDark.matches);
  const dark = chosen ? chosen === "dark" : system;
  useEffect(() => {
    const follow = () => setSystem(systemIsDark.matches);
    systemIsDark.addEventListener("change", follow);
    return () => systemIsDark.removeEventListener("change", follow);
  }, []);
  useLayoutEffect(() => {
    if (chosen) document.documentElement.dataset.theme = chosen;
  }, [chosen]);
  const toggle = () => {
    const next = dark ? "light" : "dark";
    remember(next);
    setChosen(next);
  };
  return (
    <button type="button" class="theme" role="switch" aria-checked={dark} aria-label="Dark colours" onClick={toggle}>
      <svg width="18" height="18" viewBox="0 0 18 18" aria-hidden="true">
        {dark
          ? <path class="fill" d="M15 11.200A6.500 6.500 0 0 1 6.800 3 6.500 6.500 0 1 0 15 11.200Z" />
          : <path class="stroke" d="M12.200 9A3.200 3.200 0 1 1 5.800 9 3.200 3.200 0 0 1 12.200 9ZM9 1.500V3M9 15V16.500M1.500 9H3M15 9H16.500M3.700 3.700 4.800 4.800M13.200 13.200 14.300 14.300M14.300 3.700 13.200 4.800M4.800 13.200 3.700 14.300" />}
      </svg>
    </button>
  );
}

/** A file opened from disk may have no storage. */
function remembered() {
  try {
    return window.localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function remember(theme) {
  try {
    window.localStorage.setItem(KEY, theme);
  } catch {
    // the choice then lasts as long as the page
  }
}
