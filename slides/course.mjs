// course.mjs - what the slides have to agree with: the manifest and the steps.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const slides = dirname(fileURLToPath(import.meta.url));
export const root = dirname(slides);

// The readers of the manifest and of steps.txt are shell tools; both say what is
// wrong, and with them this ends.
function tool(script, ...words) {
  const text = execFileSync("sh", ["-euc", `. "$1/tools/checks/manifest.sh"; ${script}`, "sh", root, ...words]);
  return text.toString().split("\n").slice(0, -1);
}

export function readChapters() {
  const chapters = tool('chapter_table "$1"').map((line) => line.split("|"));
  if (chapters.length === 0) throw new Error("tools/chapters.bzl names no chapter");
  return chapters.map(([folder, title, lecture, lab]) => ({
    folder,
    title,
    number: Number(folder.slice(0, 2)),
    lecture: Number(lecture),
    lab: Number(lab),
    steps: readSteps(folder),
    deck: join(slides, `${folder}.md`),
  }));
}

function readSteps(folder) {
  const steps = [];
  if (!existsSync(join(root, "tests", folder, "steps.txt"))) return steps;
  for (const line of tool('steps_table "$1" "$2"', folder)) {
    const [, key, value] = line.split("\t");
    if (key === "step") steps.push({ number: value, title: "", task: "", minutes: 0 });
    else if (key === "title") steps.at(-1).title = value;
    else if (key === "task") steps.at(-1).task = value;
    else if (key === "minutes") steps.at(-1).minutes = Number(value);
  }
  return steps;
}

// What a reader sees of a text in Markdown, on one line.
export function plain(text) {
  return text.replace(/[`*]/g, "").replace(/\s+/g, " ");
}

// The slides of a deck: class, heading and minutes, as its Markdown has them.
export function readDeck(file) {
  const body = readFileSync(file, "utf8").replace(/^---\n.*?\n---\n/s, "");
  return splitSlides(body).map((text, i) => ({
    page: i + 1,
    text,
    isExercise: /<!-- *_class: *[^>]*\bexercise\b/.test(text),
    heading: text.match(/^#{1,3} +(.*)$/m)?.[1].trim() ?? "",
    minutes: Number(text.match(/^ *(?:<!--)? *minutes: *([\d.]+) *$/m)?.[1] ?? NaN),
    hasNote: /<!--\s*minutes:[^\n]*\n\s*\S[^]*?-->/.test(text),
  }));
}

// A line of three dashes ends a slide, unless it is inside a code fence.
function splitSlides(body) {
  const parts = [[]];
  let inFence = false;
  for (const line of body.split("\n")) {
    if (/^ *```/.test(line)) inFence = !inFence;
    if (line === "---" && !inFence) parts.push([]);
    else parts.at(-1).push(line);
  }
  return parts.map((lines) => lines.join("\n"));
}
