// check.mjs - are the decks fit for a room, and do they agree with the course?
//
// Every deck is rendered in a real browser and measured; its notes are added
// up. The same checks then run over planted/, where each deck breaks one rule
// and names it: a check that misses it has failed.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import puppeteer from "puppeteer-core";
import { browser, browserFlags, buildHtml } from "./build.mjs";
import { readChapters, readDeck, slides } from "./course.mjs";
import { scheduleText } from "./schedule.mjs";

const SMALLEST_TEXT = 18; // px, at 1280x720
const SMALLEST_IN_FIGURE = 14; // px as shown: labels, not sentences

// Runs in the page: what is wrong with each slide, and which pictures it has.
function measure(smallest) {
  const complaints = [];
  const pictures = [];
  const sections = [...document.querySelectorAll("section")];
  sections.forEach((section, index) => {
    const page = index + 1;
    const frame = section.getBoundingClientRect();
    const scale = frame.width / 1280;
    const say = (what) => complaints.push(`slide ${page} ${what}`);
    if (section.scrollHeight > section.clientHeight + 1 || section.scrollWidth > section.clientWidth + 1)
      say(`overflows: ${section.scrollWidth}x${section.scrollHeight}`);
    for (const element of section.querySelectorAll("*")) {
      const box = element.getBoundingClientRect();
      const name = element.tagName.toLowerCase();
      if (box.right > frame.right + 1 || box.bottom > frame.bottom + 1 || box.left < frame.left - 1 || box.top < frame.top - 1)
        say(`overflows: <${name}> reaches out of it`);
      if (element.scrollWidth > element.clientWidth + 1 && name === "pre") say("overflows: a line of code is cut off");
      const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
      const shown = element.offsetWidth > 0 ? box.width / element.offsetWidth : scale;
      const size = (parseFloat(getComputedStyle(element).fontSize) * shown) / scale;
      if (hasText && size < smallest - 0.01) say(`has text of ${size.toFixed(1)} px in <${name}>`);
    }
    for (const image of section.querySelectorAll("img")) {
      const broken = !image.complete || image.naturalWidth === 0;
      if (broken) say(`has a picture that does not load: ${image.getAttribute("src").slice(0, 80)}`);
      else pictures.push({ page, source: image.currentSrc, width: image.getBoundingClientRect().width / scale });
    }
  });
  return { complaints, pictures, pages: sections.length };
}

// The smallest text of an SVG, in its own units, and the width of its viewBox.
function smallestText(svg) {
  const sizes = [...svg.matchAll(/font(?:-size)?\s*[=:]\s*["']?[^;"']*?(\d+(?:\.\d+)?)px|font-size\s*[=:]\s*["']?(\d+(?:\.\d+)?)/g)];
  const width = svg.match(/viewBox=["']\s*[-\d.]+[ ,]+[-\d.]+[ ,]+([\d.]+)/)?.[1];
  return { size: Math.min(...sizes.map(([, a, b]) => Number(a ?? b))), width: Number(width) };
}

function pictureComplaints({ page, source, width }) {
  const data = source.match(/^data:image\/svg\+xml;base64,(.*)$/)?.[1];
  if (!data) return [];
  const text = smallestText(Buffer.from(data, "base64").toString());
  const shown = (text.size * width) / text.width;
  return shown < SMALLEST_IN_FIGURE - 0.01 ? [`slide ${page} has a figure with text of ${shown.toFixed(1)} px`] : [];
}

async function layoutComplaints(chrome, deck, scratch) {
  const html = join(scratch, `${basename(deck, ".md")}.html`);
  buildHtml(deck, html, "bare");
  const page = await chrome.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  await page.goto(`file://${html}`, { waitUntil: "load" });
  await page.evaluate(() => document.fonts.ready);
  const { complaints, pictures, pages } = await page.evaluate(measure, SMALLEST_TEXT);
  await page.close();
  const wanted = readDeck(deck).length;
  if (pages !== wanted) complaints.push(`${pages} slides in the browser, ${wanted} in the file`);
  return [...new Set([...complaints, ...pictures.flatMap(pictureComplaints)])];
}

const sum = (numbers) => numbers.reduce((a, b) => a + b, 0);

function noteComplaints(deck, chapter) {
  const pages = readDeck(deck);
  const complaints = pages
    .filter(({ minutes, hasNote }) => Number.isNaN(minutes) || !hasNote)
    .map(({ page }) => `slide ${page} has no note with minutes`);
  const talk = sum(pages.filter(({ isExercise }) => !isExercise).map(({ minutes }) => minutes));
  if (talk !== chapter.lecture) complaints.push(`the talk takes ${talk} minutes, the manifest says ${chapter.lecture}`);
  return [...complaints, ...exerciseComplaints(pages.filter(({ isExercise }) => isExercise), chapter.steps)];
}

function exerciseComplaints(exercises, steps) {
  const complaints = [];
  steps.forEach(({ number, title, minutes }) => {
    const found = exercises.filter(({ heading }) => heading.split(" ")[0] === number);
    if (found.length !== 1) return complaints.push(`step ${number} has ${found.length} exercise slides`);
    if (found[0].heading !== `${number} ${title}`) complaints.push(`exercise ${number} is called "${found[0].heading}", the step "${title}"`);
    if (found[0].minutes !== minutes) complaints.push(`exercise ${number} takes ${found[0].minutes} minutes, the step ${minutes}`);
  });
  if (exercises.length > steps.length) complaints.push(`${exercises.length} exercise slides for ${steps.length} steps`);
  return complaints;
}

let passed = 0;
let failed = 0;
function report(what, complaints) {
  if (complaints.length === 0) passed++;
  else failed++;
  console.log(`${complaints.length === 0 ? "ok  " : "FAIL"} ${what}`);
  for (const complaint of complaints) console.log(`       ${complaint}`);
}

async function checkDecks(chrome, scratch) {
  for (const chapter of readChapters()) {
    if (!existsSync(chapter.deck)) {
      report(chapter.folder, ["there is no deck"]);
      continue;
    }
    report(`${chapter.folder}: fits, can be read, pictures load`, await layoutComplaints(chrome, chapter.deck, scratch));
    report(`${chapter.folder}: notes, minutes and exercises`, noteComplaints(chapter.deck, chapter));
  }
}

// A planted deck belongs to a chapter of three minutes with one step.
const PLANTED = { lecture: 3, steps: [{ number: "9.1", title: "one step", minutes: 5 }] };

async function checkPlanted(chrome, scratch) {
  const folder = join(slides, "planted");
  const decks = readdirSync(folder).filter((name) => name.endsWith(".md"));
  for (const name of decks) {
    const deck = join(folder, name);
    const wanted = readFileSync(deck, "utf8").match(/<!-- expect: (.*?) -->/)[1];
    const complaints = [...(await layoutComplaints(chrome, deck, scratch)), ...noteComplaints(deck, PLANTED)];
    const isRight = wanted === "nothing" ? complaints.length === 0 : complaints.some((text) => text.includes(wanted));
    report(`planted ${name}: ${wanted}`, isRight ? [] : ["was not reported", ...complaints]);
  }
  report("there are planted decks", decks.length >= 5 ? [] : [`only ${decks.length}`]);
}

function checkFiles() {
  const lock = readFileSync(join(slides, "package-lock.json"), "utf8");
  report("the lock file names no host", /"resolved": *"http/.test(lock) ? ["it has `resolved` addresses"] : []);
  const schedule = readFileSync(join(slides, "SCHEDULE.md"), "utf8");
  report("SCHEDULE.md is what the manifest makes", schedule === scheduleText() ? [] : ["run: npm run schedule"]);
}

const scratch = mkdtempSync(join(tmpdir(), "slides-"));
const chrome = await puppeteer.launch({ executablePath: browser, args: browserFlags, headless: true });
try {
  await checkDecks(chrome, scratch);
  await checkPlanted(chrome, scratch);
  checkFiles();
} finally {
  await chrome.close();
  rmSync(scratch, { recursive: true });
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
