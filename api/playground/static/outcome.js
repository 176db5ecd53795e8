// Shows a job document: boxes on the photo, the fields beside it, findings below them.

import { advice, adviceAfterFailure, fieldName, text } from "./texts.js";

const SVG = "http://www.w3.org/2000/svg";
const SURE = 0.95;
const $ = (selector) => document.querySelector(selector);

function element(name, className, content = "") {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = content;
  return made;
}

export function showPhoto(photo) {
  const image = $("#photo img");
  URL.revokeObjectURL(image.src);
  image.src = photo.url;
  image.alt = text("photoOf");
  $("#photo svg").setAttribute("viewBox", `0 0 ${photo.width} ${photo.height}`);
  $("#photo svg").replaceChildren();
  $("#photo figcaption").textContent = photo.shrunk ? text("shrunk") : "";
  $("#outcome").hidden = false;
}

export function showDocument({ data }) {
  showFields(data);
  showBoxes(data);
  showFindings(data);
}

export function showFailure(message, { withAdvice }) {
  const box = $("#failure");
  box.replaceChildren(element("p", "", message));
  if (withAdvice) {
    box.append(element("p", "", text("tryAgain")));
    const list = element("ul");
    list.append(...adviceAfterFailure().map((each) => element("li", "", each)));
    box.append(list);
  }
  box.hidden = false;
}

export function clearOutcome() {
  $("#outcome").hidden = $("#failure").hidden = true;
  $("#copied").textContent = "";
  $("#fields tbody").replaceChildren();
  $("#findings").replaceChildren();
  $("#photo svg").replaceChildren();
  URL.revokeObjectURL($("#photo img").src);
  $("#photo img").removeAttribute("src");
}

function light(name, on) {
  for (const each of document.querySelectorAll(`[data-field="${name}"]`)) each.classList.toggle("lit", on);
}

function linkLights(each) {
  const name = each.dataset.field;
  for (const event of ["mouseenter", "focusin"]) each.addEventListener(event, () => light(name, true));
  for (const event of ["mouseleave", "focusout"]) each.addEventListener(event, () => light(name, false));
}

function showFields(data) {
  const rows = Object.entries({ ...data.result, ...data.extra }).map(([name, value]) => {
    const row = element("tr");
    row.dataset.field = name;
    row.tabIndex = data.boxes?.[name] ? 0 : -1;
    const head = element("th", "", fieldName(name));
    head.scope = "row";
    const cell = element("td", value === null ? "" : "value", value ?? text("unread"));
    for (const issue of data.validation?.fields[name]?.issues ?? [])
      if (issue.code !== "missing") cell.append(element("span", `issue ${issue.severity}`, issue.message));
    row.append(head, cell, confidenceCell(data.confidence?.[name]));
    linkLights(row);
    return row;
  });
  $("#fields tbody").replaceChildren(...rows);
}

function confidenceCell(probability) {
  const cell = element("td");
  if (probability == null) return cell;
  // Rounded down: nothing that was read from a photo is wholly certain.
  const meter = element("meter");
  Object.assign(meter, { min: 0, max: 1, low: 0.8, high: SURE, optimum: 1, value: probability });
  const shown = element("span", "", ` ${text("sure", { percent: Math.floor(1000 * Math.min(probability, 0.999)) / 10 })}`);
  meter.setAttribute("aria-hidden", "true");
  cell.append(meter, shown);
  return cell;
}

function showBoxes(data) {
  const polygons = Object.entries(data.boxes ?? {})
    .filter(([, corners]) => corners)
    .map(([name, corners]) => {
      const polygon = document.createElementNS(SVG, "polygon");
      polygon.setAttribute("points", corners.map((corner) => corner.join(",")).join(" "));
      polygon.dataset.field = name;
      if ((data.confidence?.[name] ?? 0) < SURE) polygon.classList.add("unsure");
      const title = document.createElementNS(SVG, "title");
      title.textContent = `${fieldName(name)}: ${data.result[name]}`;
      polygon.append(title);
      linkLights(polygon);
      return polygon;
    });
  $("#photo svg").replaceChildren(...polygons);
}

function showFindings({ information, quality, validation }) {
  const found = [];
  if (!information.cardDetected) found.push(["warning", text("noCard")]);
  const tilt = Math.round(information.tilt) % 360;
  if (tilt) found.push(["", text("lies", { tilt: String(tilt) })]);
  if (information.flipped) found.push(["warning", text("mirrored")]);
  for (const [measure, { verdict, fields = [] }] of Object.entries(quality ?? {})) {
    if (verdict === "good") continue;
    const covered = fields.length ? ` (${fields.map(fieldName).join(", ")})` : "";
    found.push([verdict, advice(measure) + covered]);
  }
  if (validation?.valid && !found.some(([kind]) => kind)) found.push(["good", text("allWell")]);
  $("#findings").replaceChildren(...found.map(([kind, sentence]) => element("li", kind, sentence)));
}
