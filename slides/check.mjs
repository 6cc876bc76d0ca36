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
import { plain, readChapters, readDeck, slides } from "./course.mjs";
import { scheduleText } from "./schedule.mjs";

const SMALLEST_TEXT = 18; // px, at 1280x720
const SMALLEST_IN_FIGURE = 14; // px as shown: labels, not sentences

// Runs in the page: what is wrong with each slide.
function measure(smallest, smallestInFigure) {
  const complaints = [];

  // How much transforms enlarge an element. The width of an inline or narrow
  // box is rounded too much to tell, and is that of what is around it.
  function scaleOf(element) {
    while (!(element.offsetWidth >= 100) || getComputedStyle(element).display === "inline") element = element.parentElement;
    return element.getBoundingClientRect().width / element.offsetWidth;
  }

  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
  const fontSize = (element) => parseFloat(getComputedStyle(element).fontSize);

  // The smallest text of an SVG that is shown in this size. What is inside an
  // <img> cannot be asked, so the figure is drawn once more, shut off from the
  // slide's styles, with the viewBox that an <img> gives to one without.
  function smallestText(svgText, width, height) {
    const host = document.body.appendChild(document.createElement("div"));
    host.style.all = "initial";
    host.attachShadow({ mode: "open" }).innerHTML = svgText.slice(svgText.indexOf("<svg"));
    const svg = host.shadowRoot.querySelector("svg");
    if (!svg.viewBox.baseVal?.width) svg.setAttribute("viewBox", `0 0 ${svg.width.baseVal.value} ${svg.height.baseVal.value}`);
    svg.setAttribute("width", width);
    svg.setAttribute("height", height);
    const sizes = [...svg.querySelectorAll("text, text *")].filter(hasText).map((element) => {
      const { c, d } = element.getScreenCTM();
      return fontSize(element) * Math.hypot(c, d);
    });
    host.remove();
    return Math.min(...sizes);
  }

  function checkElement(element, frame, scale, say) {
    const box = element.getBoundingClientRect();
    const name = element.tagName.toLowerCase();
    if (box.right > frame.right + 1 || box.bottom > frame.bottom + 1 || box.left < frame.left - 1 || box.top < frame.top - 1)
      say(`overflows: <${name}> reaches out of it`);
    if (name === "pre" && element.scrollWidth > element.clientWidth + 1) say("overflows: a line of code is cut off");
    if (name === "pre" && element.scrollHeight > element.clientHeight + 1) say("overflows: code is cut off at its end");
    if (!hasText(element)) return;
    const size = (fontSize(element) * scaleOf(element)) / scale;
    if (size < smallest - 0.1) say(`has text of ${size.toFixed(1)} px in <${name}>`);
  }

  function checkPicture(image, scale, say) {
    const source = image.currentSrc || image.src;
    if (!image.complete || image.naturalWidth === 0) return say(`has a picture that does not load: ${source.slice(0, 80)}`);
    const svg = source.match(/^data:image\/svg\+xml;base64,(.*)$/)?.[1];
    if (!svg) return say("has a picture that is not SVG: its text cannot be measured");
    const { width, height } = image.getBoundingClientRect();
    const text = new TextDecoder().decode(Uint8Array.from(atob(svg), (letter) => letter.charCodeAt(0)));
    const size = smallestText(text, width / scale, height / scale);
    if (size < smallestInFigure - 0.1) say(`has a figure with text of ${size.toFixed(1)} px`);
  }

  // A background picture is layers of sections; the slide is the one between.
  const layer = (section) => section.dataset.marpitAdvancedBackground;
  const sections = [...document.querySelectorAll("section")].filter((section) => !["background", "pseudo"].includes(layer(section)));
  sections.forEach((section, index) => {
    const say = (what) => complaints.push(`slide ${index + 1} ${what}`);
    const frame = section.getBoundingClientRect();
    const scale = frame.width / section.offsetWidth;
    if (section.scrollHeight > section.clientHeight + 1 || section.scrollWidth > section.clientWidth + 1)
      say(`overflows: ${section.scrollWidth}x${section.scrollHeight}`);
    if (layer(section)) say("has a background picture, which cannot be measured: use an ordinary one");
    for (const element of section.querySelectorAll("*")) checkElement(element, frame, scale, say);
    for (const image of section.querySelectorAll("img")) checkPicture(image, scale, say);
  });
  return { complaints, pages: sections.length };
}

async function layoutComplaints(chrome, deck, scratch) {
  const html = join(scratch, `${basename(deck, ".md")}.html`);
  buildHtml(deck, html, "bare");
  const page = await chrome.newPage();
  await page.setViewport({ width: 1280, height: 720 });
  await page.goto(`file://${html}`, { waitUntil: "load" });
  await page.evaluate(() => document.fonts.ready);
  const { complaints, pages } = await page.evaluate(measure, SMALLEST_TEXT, SMALLEST_IN_FIGURE);
  await page.close();
  const wanted = readDeck(deck).length;
  if (pages !== wanted) complaints.push(`${pages} slides in the browser, ${wanted} in the file`);
  return [...new Set(complaints)];
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
  steps.forEach(({ number, title, task, minutes }) => {
    const found = exercises.filter(({ heading }) => heading.split(" ")[0] === number);
    if (found.length !== 1) return complaints.push(`step ${number} has ${found.length} exercise slides`);
    if (found[0].heading !== `${number} ${title}`) complaints.push(`exercise ${number} is called "${found[0].heading}", the step "${title}"`);
    if (!plain(found[0].text).includes(plain(task))) complaints.push(`exercise ${number} does not give the step's task: "${task}"`);
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
    if (chapter.steps.length === 0) report(chapter.folder, ["there are no steps"]);
    if (!existsSync(chapter.deck)) {
      report(chapter.folder, ["there is no deck"]);
      continue;
    }
    report(`${chapter.folder}: fits, can be read, pictures load`, await layoutComplaints(chrome, chapter.deck, scratch));
    report(`${chapter.folder}: notes, minutes and exercises`, noteComplaints(chapter.deck, chapter));
  }
}

// A planted deck belongs to a chapter of three minutes with one step.
const PLANTED = { lecture: 3, steps: [{ number: "9.1", title: "one step", task: "Do it.", minutes: 5 }] };

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
  report("there are planted decks", decks.length >= 10 ? [] : [`only ${decks.length}`]);
}

function checkFiles() {
  const lock = readFileSync(join(slides, "package-lock.json"), "utf8");
  report("the lock file names no host", /"resolved"|registry\./.test(lock) ? ["it says where its packages come from: see .npmrc"] : []);
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
