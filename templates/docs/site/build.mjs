// Bundles src/ into bundle/: one script, one style sheet with its fonts inside, and the licences of what is in them.
import { readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { build } from "esbuild";

const result = await build({
  entryPoints: { site: "src/main.jsx", "site-style": "src/style/index.css" },
  outdir: "bundle",
  bundle: true,
  minify: true,
  metafile: true,
  write: false,
  format: "iife",
  target: ["chrome123", "firefox120", "safari17.5"],
  charset: "utf8",
  jsx: "automatic",
  jsxImportSource: "preact",
  legalComments: "none",
  loader: { ".woff2": "dataurl" },
});

for (const file of result.outputFiles) {
  await writeFile(file.path.replace("site-style.css", "site.css"), `${file.text.trim()}\n`);
}
await writeFile("bundle/LICENSES.txt", await licenses(Object.keys(result.metafile.inputs)));

async function licenses(inputs) {
  const packages = new Set(inputs.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)\//)?.[1]).filter(Boolean));
  const texts = await Promise.all([...packages].sort().map(license));
  return texts.join("\n");
}

async function license(name) {
  const folder = join("node_modules", name);
  const { version } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = await readFile(join(folder, file), "utf8");
  return `${"=".repeat(80)}\n${name} ${version}\n${"=".repeat(80)}\n\n${text.trim()}\n`;
}
