// The page of the playground: a form, and the texts of a field.

import { Field } from "./field.js";
import * as ort from "./onnxruntime/ort.wasm.min.mjs";

const TEXTS = 20;
const here = (path) => new URL(path, import.meta.url).href;

ort.env.wasm.numThreads = 1;
ort.env.wasm.wasmPaths = here("onnxruntime/");

const form = document.getElementById("draw-texts");
const output = document.getElementById("texts");
const command = document.getElementById("command");
const fields = new Map();

async function get(path) {
  const answer = await fetch(here(path));
  if (!answer.ok) throw new Error(`${path} cannot be loaded (${answer.status})`);
  return answer;
}

/** Load a field; the page loads each once. */
function load(name) {
  if (!fields.has(name)) fields.set(name, open(name));
  return fields.get(name);
}

async function open(name) {
  const [card, words, session] = await Promise.all([
    get(`fields/${name}.json`).then((answer) => answer.json()),
    get("offensive_words.bin").then((answer) => answer.arrayBuffer()),
    ort.InferenceSession.create(here(`fields/${name}.onnx`)),
  ]);
  return new Field(ort, session, card, new BigUint64Array(words));
}

let drawing = 0;

async function draw() {
  const mine = ++drawing;
  const { field, seed, temperature } = Object.fromEntries(new FormData(form));
  const own = temperature === "" ? undefined : Number(temperature);
  command.textContent =
    `faker-neural generate ${field} -n ${TEXTS} --seed ${seed}` +
    (own === undefined ? "" : ` --temperature ${own}`);
  output.textContent = "Loading the field\u2026";
  output.dataset.done = "";
  try {
    const found = await load(field);
    let texts = "";
    for await (const text of found.texts(TEXTS, BigInt(seed), own)) {
      if (mine !== drawing) return;
      output.textContent = texts += `${text}\n`;
    }
    output.dataset.done = "yes";
  } catch (error) {
    output.textContent = `This browser cannot run the field: ${error.message}`;
  }
}

const names = await (await get("fields/names.json")).json();
form.field.append(...names.map((name) => new Option(name, name, name === "company")));
form.field.value = new URLSearchParams(location.search).get("field") ?? "product_name";
form.addEventListener("submit", (event) => {
  event.preventDefault();
  draw();
});
draw();
