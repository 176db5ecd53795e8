// Speaks to the API.

const RESOURCE = "/v1/ocr/id/ktp";
const WAIT_S = 20;
export const FLAGS = {
  include: ["confidence", "boxes", "quality", "extra"],
  validateResult: true,
  checkFlipImage: true,
};

// What the service answered instead of a job: its sentence, and its HTTP status (0 where it did not answer).
export class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

async function ask(method, path, key, language, { body, headers = {} } = {}) {
  const given = { Authorization: `Bearer ${key}`, Accept: "application/json", "Accept-Language": language, ...headers };
  if (body) given["Content-Type"] = "application/json";
  let response;
  let document;
  try {
    response = await fetch(path, { method, headers: given, body });
    document = await response.json();
  } catch {
    throw new Refusal("", 0);
  }
  if (!response.ok) {
    const faults = Object.values(document.errors ?? {}).filter(Array.isArray).flat();
    throw new Refusal([document.message, ...faults].join(" "), response.status);
  }
  return { document, response };
}

const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

// Gives the document of the job once it has ended; `progress` is told its status meanwhile.
export async function readCard(image, key, language, progress) {
  const body = JSON.stringify({ image, ...FLAGS });
  let { document } = await ask("POST", RESOURCE, key, language, { body, headers: { Prefer: "respond-async" } });
  const address = `${RESOURCE}/${document.data.id}`;
  for (let held = 1; ["queued", "processing"].includes(document.data.status); held = WAIT_S) {
    progress(document.data.status);
    const asked = Date.now();
    ({ document } = await ask("GET", address, key, language, { headers: { Prefer: `wait=${held}` } }));
    if (Date.now() - asked < 300) await pause(0.3);
  }
  return document;
}

export async function removeJob(id, key, language) {
  await ask("DELETE", `${RESOURCE}/${id}`, key, language);
}

export function curlCommand(origin) {
  const flags = JSON.stringify(FLAGS).slice(1);
  return [
    `(printf '{"image":"'; base64 < photo.jpg | tr -d '\\n'; printf '%s' '",${flags}') |`,
    `  curl -sS ${origin}${RESOURCE} -H "Authorization: Bearer $KARTU_KEY" \\`,
    `    -H 'Content-Type: application/json' -H 'Prefer: wait=60' --data-binary @-`,
  ].join("\n");
}
