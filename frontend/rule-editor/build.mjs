// Bundles src/ into one file that the repository keeps, with the licences of what is in it beside it. With --check
// nothing is written: it tells whether the kept file is what the sources make.
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { build } from "esbuild";

const here = (path) => new URL(path, import.meta.url);
const BUNDLE = here("../../static/admin/rule-editor.js");
const LICENCES = here("../../static/admin/rule-editor.licences.txt");

/** The hash by which tests/config/test_rule_editor_bundle.py tells, without node, that the sources have changed. */
async function sourcesHash() {
  const files = (await readdir(here("src/"))).filter((name) => !name.includes(".test.")).map((name) => `src/${name}`);
  const hash = createHash("sha256");
  for (const name of [...files, "build.mjs", "package-lock.json"].sort()) {
    hash.update(`${name}\n`).update(await readFile(here(name)));
  }
  return hash.digest("hex");
}

const banner = `/* The rule editor. Built from frontend/rule-editor by "make editor"; what is in it is under the licences of
rule-editor.licences.txt and of LICENSE. Sources: ${await sourcesHash()} */`;

const { outputFiles, metafile } = await build({
  absWorkingDir: here(".").pathname,
  entryPoints: ["src/index.jsx"],
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: "iife",
  target: "es2022",
  charset: "utf8",
  legalComments: "none",
  jsx: "automatic",
  jsxImportSource: "preact",
  alias: { react: "preact/compat", "react-dom": "preact/compat" },
  define: { "process.env.NODE_ENV": '"production"' },
  banner: { js: banner },
});
const bundle = outputFiles[0].text;

async function licences() {
  const used = Object.keys(Object.values(metafile.outputs)[0].inputs);
  const packages = new Set(used.map((path) => path.match(/^node_modules\/((?:@[^/]+\/)?[^/]+)/)?.[1]).filter(Boolean));
  const texts = await Promise.all([...packages].sort().map(async (name) => {
    const files = await readdir(here(`node_modules/${name}/`));
    const file = files.find((each) => /^licen[cs]e/i.test(each));
    const { version, license, author } = JSON.parse(await readFile(here(`node_modules/${name}/package.json`), "utf8"));
    const text = file ? await readFile(here(`node_modules/${name}/${file}`), "utf8") : `${author?.name ?? author ?? ""}`;
    return `${name} ${version}, ${license}\n\n${text.trim()}\n`;
  }));
  return `What static/admin/rule-editor.js holds of others.\n\n${texts.join("\n----\n\n")}`;
}

if (!process.argv.includes("--check")) {
  await writeFile(BUNDLE, bundle);
  await writeFile(LICENCES, await licences());
} else if (bundle !== (await readFile(BUNDLE, "utf8"))) {
  console.error("static/admin/rule-editor.js is not what its sources make: run make editor");
  process.exit(1);
}
