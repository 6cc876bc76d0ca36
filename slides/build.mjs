// build.mjs - renders each deck to out/NN_name.html and .pdf; with --images
// to out/png/NN_name.001.png and so on; with --html to .html only.
//
// The HTML has its figures inside: one file a deck, to be handed around.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readChapters, slides } from "./course.mjs";

const marp = join(slides, "node_modules/.bin/marp");

// Debian's Chromium; as root (in a container) it runs without its sandbox.
export const browser = process.env.CHROME_PATH ?? "/usr/bin/chromium";
const isRoot = process.getuid?.() === 0;
export const browserFlags = isRoot ? ["--no-sandbox"] : [];
const environment = {
  ...process.env,
  CHROME_PATH: browser,
  ...(isRoot ? { CHROME_NO_SANDBOX: "1" } : {}),
};

function run(...options) {
  execFileSync(marp, ["--no-config-file", "--no-stdin", "--theme", join(slides, "theme.css"), ...options], {
    env: environment,
    stdio: ["ignore", "ignore", "pipe"],
  });
}

// Puts the pictures of a rendered deck into the file itself.
function embedPictures(html, from) {
  return html.replace(/(src="|url\(&quot;|url\(")((?![a-z]+:)[^"&]+\.svg)/g, (whole, before, path) => {
    const file = resolve(from, decodeURI(path));
    if (!existsSync(file)) return whole;
    return `${before}data:image/svg+xml;base64,${readFileSync(file).toString("base64")}`;
  });
}

export function buildHtml(deck, out, template = "bespoke") {
  mkdirSync(dirname(out), { recursive: true });
  run("--template", template, deck, "--output", out);
  writeFileSync(out, embedPictures(readFileSync(out, "utf8"), dirname(deck)));
}

function buildPdf(deck, out) {
  run("--pdf", "--allow-local-files", deck, "--output", out);
}

function buildImages(deck, out) {
  mkdirSync(dirname(out), { recursive: true });
  run("--images", "png", "--allow-local-files", deck, "--output", out);
}

function main(options) {
  for (const { deck } of readChapters().filter(({ deck }) => existsSync(deck))) {
    const name = basename(deck, ".md");
    if (options.includes("--images")) {
      buildImages(deck, join(slides, "out/png", `${name}.png`));
    } else {
      buildHtml(deck, join(slides, "out", `${name}.html`));
      if (!options.includes("--html")) buildPdf(deck, join(slides, "out", `${name}.pdf`));
    }
    console.log(`built ${name}`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
