// Compiles register.scss into the one style sheet the site serves. The result is committed, and the same source
// always gives the same bytes: no time, no path and no source map goes into it.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
// An optional argument names another file to write, so that a test can compare without touching the committed one.
const target = process.argv[2] ?? join(here, "..", "static", "tracker", "register.css");

const { css } = sass.compile(join(here, "register.scss"), {
  style: "compressed",
  charset: false,
  sourceMap: false,
  loadPaths: [join(here, "node_modules")],
  quietDeps: true,
});

// The site's content security policy allows neither data: addresses nor other hosts, and a reference to a source map
// breaks hashed static files.
for (const forbidden of ["data:", "url(", "@import", "@font-face", "sourceMappingURL", "GDS Transport"]) {
  if (css.includes(forbidden)) {
    throw new Error(`The style sheet contains "${forbidden}".`);
  }
}

// The sources name themselves in the result, so that a style sheet that lags behind them is found without a compiler.
const hash = createHash("sha256");
for (const name of readdirSync(here).filter((each) => /\.scss$|^package-lock\.json$/.test(each)).sort()) {
  hash.update(readFileSync(join(here, name)));
}

mkdirSync(dirname(target), { recursive: true });
writeFileSync(target, `${css}\n/* sources: ${hash.digest("hex")} */\n`);
console.log(`Wrote ${target}`);
