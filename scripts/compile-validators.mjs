import { fileURLToPath } from "node:url";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneModule from "ajv/dist/standalone/index.js";
import addFormatsModule from "ajv-formats";
import { build } from "esbuild";

const root = fileURLToPath(new URL("..", import.meta.url));
const addFormats = addFormatsModule.default;
const standaloneCode = standaloneModule.default;

/** Compiles every schema of `src/events/schema.ts`; the text of an ES module with one validation function a schema, by name. */
export async function compileValidators() {
  const { schemas } = await importTypeScript("src/events/schema.ts");
  const ajv = new Ajv2020({
    strict: true,
    strictTypes: false,
    allErrors: true,
    inlineRefs: false,
    messages: false,
    code: { source: true, esm: true },
  });
  ajv.opts.unevaluated = false; // the class insists on it; each function would carry a note and stay in every bundle
  addFormats(ajv, ["date-time", "uuid"]);
  for (const [name, schema] of Object.entries(schemas)) ajv.addSchema(schema, name);
  const names = Object.fromEntries(Object.keys(schemas).map((name) => [name, name]));
  return inlineRequires(standaloneCode(ajv, names));
}

async function importTypeScript(file) {
  const text = await bundle({ entryPoints: [file] });
  return import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);
}

/** Ajv writes `require("ajv/dist/runtime/…")` into its ES module as well, where there is no `require`. */
async function inlineRequires(contents) {
  const text = await bundle({ stdin: { contents, resolveDir: root, sourcefile: "validators.js" } });
  const left = /(?<!["'])\brequire\(|^import\b/m.exec(text);
  if (left) throw new Error(`the compiled validators are not self-contained: ${left[0]}`);
  return `// Made by scripts/build.mjs from schema.ts.\n${text}`;
}

async function bundle(input) {
  const result = await build({
    ...input,
    absWorkingDir: root,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    write: false,
    logLevel: "error",
  });
  return result.outputFiles[0].text;
}
