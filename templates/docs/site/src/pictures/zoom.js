// Pan and zoom of the graph.
import { select } from "d3-selection";
import "d3-transition";
import { zoom, zoomIdentity, zoomTransform } from "d3-zoom";
import { useEffect, useMemo, useRef } from "preact/hooks";

const LARGEST = 2.5;
const FITTED = 1.25;
const READABLE = 0.45;

/** What the graph's drawing needs: refs of the picture and its content, and the movements. */
export function useZoom(layout, size) {
  const svg = useRef(null);
  const content = useRef(null);
  const smallest = Math.min(0.9, scaleToFit(layout, size) * 0.8);
  const behaviour = useMemo(() => zoom().on("zoom", (event) => move(content.current, event.transform)), []);
  behaviour.filter((event) => (layout.isTall ? isMeant(event) : isUsual(event)));
  behaviour.scaleExtent([smallest, LARGEST]);

  useEffect(() => {
    select(svg.current).call(behaviour).on("dblclick.zoom", null);
    return () => select(svg.current)?.on(".zoom", null);
  }, []);
  useEffect(() => select(svg.current).call(behaviour.transform, fitted(layout, size)), [layout, size.width, size.height]);

  const smooth = () => (prefersStill() ? select(svg.current) : select(svg.current).transition().duration(240));
  return {
    svg,
    content,
    by: (factor) => smooth().call(behaviour.scaleBy, factor),
    fit: () => smooth().call(behaviour.transform, fitted(layout, size)),
    reveal: (box) => isOutside(svg.current, box, size) && smooth().call(behaviour.translateTo, box.x, box.y),
  };
}

/** What moves or zooms a picture. */
const isUsual = (event) => (!event.ctrlKey || event.type === "wheel") && !event.button;

/** The same in a picture that is higher than the screen: a wheel or one finger scrolls the page there. */
const isMeant = (event) => (event.type === "wheel" ? event.ctrlKey || event.metaKey : isUsual(event) && event.touches?.length !== 1);

const prefersStill = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

function move(content, { x, y, k }) {
  content?.setAttribute("transform", `translate(${x},${y}) scale(${k})`);
  content?.classList.toggle("is-far", k < READABLE);
  content?.style.setProperty("--zoom", k);
}

const scaleToFit = (layout, size) => Math.min(size.width / layout.width, size.height / layout.height);

function fitted(layout, size) {
  const scale = Math.min(FITTED, scaleToFit(layout, size));
  const x = (size.width - layout.width * scale) / 2;
  const y = (size.height - layout.height * scale) / 2;
  return zoomIdentity.translate(x, y).scale(scale);
}

function isOutside(svg, box, size) {
  const [x, y] = zoomTransform(svg).apply([box.x, box.y]);
  return x < 80 || y < 40 || x > size.width - 80 || y > size.height - 40;
}
