// schedule.mjs - workshop plans out of the manifest: node schedule.mjs --write
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readChapters, slides } from "./course.mjs";

const BREAK = 20; // after about an hour and a half
const LUNCH = 60; // at the first chance after noon, if there is more to come
const PLANS = [
  {
    name: "Half a day",
    for: "A first look at what an executor calls. Participants read chapter 01 before they come.",
    days: [[2, 3]],
    lunch: false,
  },
  {
    name: "One day",
    for: "From a future to tasks that run. Participants read chapter 01 before they come.",
    days: [[2, 3, 4]],
  },
  {
    name: "Two days",
    for: "Everything up to async and await, with time on the second day for the chapters' own questions.",
    days: [[1, 2, 3], [4, 5]],
  },
  {
    name: "Four days",
    for: "The whole single-threaded runtime: sockets on the third day, time and questions on the fourth.",
    days: [[1, 2, 3], [4, 5], [6], [7]],
  },
];

const clock = (minutes) => `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

// Talk and lab of each chapter, in order.
function blocksOf(chapters) {
  return chapters.flatMap((chapter) => [
    { minutes: chapter.lecture, what: `${chapter.folder.slice(0, 2)} ${chapter.title}: talk` },
    { minutes: chapter.lab, what: `lab: steps ${chapter.steps[0].number} to ${chapter.steps.at(-1).number}, \`./course test ${chapter.number}\`` },
  ]);
}

function dayRows(chapters, lunch) {
  const blocks = blocksOf(chapters);
  const rows = [];
  let time = 9 * 60;
  let worked = 0;
  let hasEaten = !lunch;
  const add = (minutes, what) => {
    rows.push(`| ${clock(time)} | ${minutes} | ${what} |`);
    time += minutes;
  };
  blocks.forEach(({ minutes, what }, i) => {
    add(minutes, what);
    worked += minutes;
    if (i === blocks.length - 1) return;
    if (!hasEaten && time >= 12 * 60) {
      add(LUNCH, "lunch");
      [worked, hasEaten] = [0, true];
    } else if (worked >= 80) {
      add(BREAK, "break");
      worked = 0;
    }
  });
  return [...rows, `| ${clock(time)} | | end |`];
}

function textOfPlan({ name, for: purpose, days, lunch = true }, chapters) {
  const lines = [`## ${name}`, "", purpose, ""];
  const first = days[0][0];
  if (first > 1) lines.push(`Before the first talk everybody runs \`./course catchup ${first}\`.`, "");
  days.forEach((numbers, i) => {
    const wanted = numbers.map((number) => chapters.find((chapter) => chapter.number === number));
    if (days.length > 1) lines.push(`### Day ${i + 1}`, "");
    lines.push("| time | minutes | |", "|---|---|---|", ...dayRows(wanted, lunch), "");
  });
  return lines.join("\n");
}

export function scheduleText() {
  const chapters = readChapters();
  const rows = chapters.map(
    ({ folder, title, lecture, lab, steps, number }) =>
      `| ${folder.slice(0, 2)} | [${title}](${folder}.md) | ${lecture} | ${lab} | ${steps.length} | \`./course catchup ${number}\` |`,
  );
  return [
    "<!-- Made from tools/chapters.bzl and the chapters' steps by `npm run schedule`. -->",
    "# Workshop schedules",
    "",
    "Who has not finished a chapter when its lab ends goes on with the command in the",
    "last column: it saves their files and puts the reference in their place, so that",
    "everybody begins the next chapter together.",
    "",
    "| | chapter | talk, minutes | lab, minutes | steps | to begin here |",
    "|---|---|---|---|---|---|",
    ...rows,
    "",
    ...PLANS.map((plan) => textOfPlan(plan, chapters)),
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url) && process.argv.includes("--write"))
  writeFileSync(join(slides, "SCHEDULE.md"), scheduleText());
