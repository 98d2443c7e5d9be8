// Bundles src/ into one file that the repository keeps. With --check nothing is written: it tells whether they agree.
import { readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const TARGET = new URL("../../static/admin/rule-editor.js", import.meta.url);
const NOTICE = `/* The rule editor: frontend/rule-editor, built by "make editor". In it, under the MIT licence: react-querybuilder
(Jake Boone), Redux Toolkit, redux, redux-thunk, reselect, react-redux (Dan Abramov and others), immer (Michel
Weststrate), preact (Jason Miller), use-sync-external-store (Meta), numeric-quantity (Jake Boone). See NOTICE. */`;

const { outputFiles } = await build({
  entryPoints: [new URL("src/index.jsx", import.meta.url).pathname],
  bundle: true,
  minify: true,
  write: false,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: { react: "preact/compat", "react-dom": "preact/compat" },
  define: { "process.env.NODE_ENV": '"production"' },
  banner: { js: NOTICE },
});
const bundle = outputFiles[0].text;
if (!process.argv.includes("--check")) {
  await writeFile(TARGET, bundle);
} else if (bundle !== (await readFile(TARGET, "utf8"))) {
  console.error("static/admin/rule-editor.js does not match its sources: run make editor");
  process.exit(1);
}
