// The page: takes a photo by drop, paste, file or camera, has it read, and shows what came of it.

import { clearOutcome, showDocument, showFailure, showPhoto } from "./outcome.js";
import { preparePhoto, shoot, toBase64 } from "./photo.js";
import { curlCommand, readCard, Refusal, removeJob } from "./service.js";
import { currentLanguage, preferredLanguage, setLanguage, text } from "./texts.js";

const $ = (selector) => document.querySelector(selector);
const video = $("#viewfinder video");
// Errors that a better photo of the same card may mend.
const UNREADABLE = ["card_not_found", "text_not_found", "parsing_failed"];
const NARROW = matchMedia("(max-width: 55rem)");
let shown = null; // the document on the page
let said = [null, {}]; // what the status says: the name of the sentence, and what stands in it
let running = 0; // the number of the latest reading: an earlier one that ends later shows nothing

const key = () => sessionStorage.getItem("kartu-key") ?? "";

// The sentence of that name, until another is said; null: none.
function say(name, { busy = false, ...values } = {}) {
  said = [name, values];
  $("#status").textContent = name ? text(name, values) : "";
  $("#progress").hidden = !busy;
}

async function read(file) {
  const turn = ++running;
  stopCamera();
  clearOutcome();
  shown = null;
  if (!key()) {
    say(null);
    showFailure(text("needKey"), { withAdvice: false });
    $("#key").focus();
    return;
  }
  const started = Date.now();
  say("preparing", { busy: true });
  try {
    const photo = await preparePhoto(file).catch(() => {
      throw new Refusal(text("notAnImage"), 0);
    });
    say("sending", { busy: true });
    const image = await toBase64(photo.blob);
    const answer = await readCard(image, key(), currentLanguage(), (status) => {
      if (turn === running) say(status, { busy: true });
    });
    if (turn !== running) return;
    if (answer.data.status === "succeeded") {
      shown = answer;
      showPhoto(photo);
      showDocument(answer);
      say("done", { seconds: (Date.now() - started) / 1000 });
      // On a phone what was read would lie below the fold.
      if (NARROW.matches) $("#status").scrollIntoView({ block: "start" });
    } else {
      say("failed");
      showFailure(answer.message, { withAdvice: UNREADABLE.includes(answer.errors?.errorType) });
    }
  } catch (error) {
    if (turn !== running) return;
    if (!(error instanceof Refusal)) throw error;
    say("failed");
    const isKeyWrong = error.status === 401;
    showFailure(isKeyWrong ? text("wrongKey") : error.message || text("noService"), { withAdvice: false });
    if (isKeyWrong) $("#key").focus();
  }
}

async function copy(content) {
  try {
    await navigator.clipboard.writeText(content);
    $("#copied").textContent = text("copied");
  } catch {
    $("#copied").textContent = text("notCopied");
  }
}

async function startCamera() {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment", width: 1920 } });
    $("#viewfinder").hidden = false;
    await video.play();
    $("#shoot").focus();
  } catch {
    say("noCamera");
  }
}

function stopCamera() {
  for (const track of video.srcObject?.getTracks() ?? []) track.stop();
  video.srcObject = null;
  $("#viewfinder").hidden = true;
}

// `./deploy/up` prints an address with the key behind the #; it must not stay in the history.
function takeKeyFromAddress() {
  const brought = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!brought) return;
  sessionStorage.setItem("kartu-key", brought);
  history.replaceState(null, "", location.pathname);
}

function listen() {
  const drop = document.body;
  drop.addEventListener("dragover", (event) => {
    event.preventDefault();
    $("#drop").classList.add("over");
  });
  drop.addEventListener("dragleave", () => $("#drop").classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    $("#drop").classList.remove("over");
    if (event.dataTransfer.files[0]) read(event.dataTransfer.files[0]);
  });
  document.addEventListener("paste", (event) => {
    const file = [...event.clipboardData.files][0];
    if (file) read(file);
  });
  $("#file").addEventListener("change", (event) => {
    if (event.target.files[0]) read(event.target.files[0]);
    event.target.value = "";
  });
  $("#specimen").addEventListener("click", async () => read(await (await fetch("/playground/specimen.jpg")).blob()));
  $("#camera").addEventListener("click", startCamera);
  $("#stop-camera").addEventListener("click", stopCamera);
  $("#shoot").addEventListener("click", async () => read(await shoot(video)));
  $("#language").addEventListener("change", (event) => {
    setLanguage(event.target.value);
    if ($("#progress").hidden) say(...said);
    if (shown) showDocument(shown);
  });
  $("#key-form").addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem("kartu-key", $("#key").value.trim());
    $("#failure").hidden = true;
    $("#file").focus();
  });
  $("#copy-json").addEventListener("click", () => copy(JSON.stringify(shown, null, 2)));
  $("#copy-curl").addEventListener("click", () => copy(curlCommand(location.origin)));
  $("#remove").addEventListener("click", async () => {
    try {
      await removeJob(shown.data.id, key(), currentLanguage());
      clearOutcome();
      shown = null;
      say("removed");
    } catch (error) {
      showFailure(error.message || text("noService"), { withAdvice: false });
    }
  });
}

setLanguage(preferredLanguage());
$("#language").value = currentLanguage();
takeKeyFromAddress();
$("#key").value = key();
listen();
