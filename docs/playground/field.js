// A field: its card, its graph, and the texts that `faker-neural generate` draws from it.

import { attemptKey, choice, draws, rowKey } from "./keys.js";
import { distribution } from "./sampler.js";

const ATTEMPTS = 200;
const OFFENSIVE = "@offensive";
const WORD = /[\p{L}\p{N}\p{M}_]+(?:['\u2019][\p{L}\p{N}\p{M}_]+)*/gu;

const number = (bytes, at = 0) => new DataView(bytes).getBigUint64(at, false);
const hash = async (text) => crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));

/** Fold the case as Python does, for the letters that the fields have. */
const fold = (text) => text.toLowerCase().replaceAll("\u00df", "ss");

/** The texts of one field. */
export class Field {
  /**
   * @param ort onnxruntime-web
   * @param session a session of the field's file
   * @param card the field's card, as JSON has it
   * @param {BigUint64Array} offensive the hashes of the words that are not drawn
   */
  constructor(ort, session, card, offensive) {
    Object.assign(this, { ort, session, card });
    this.offensive = new Set(offensive);
    this.lines = new Set();
    const gaps = Uint8Array.from(atob(card.training_lines.gaps), (c) => c.charCodeAt(0));
    let sum = 0;
    for (let i = 0; i < gaps.length; i += 2) this.lines.add((sum += gaps[i] + 256 * gaps[i + 1]));
  }

  /** Return the texts of the rows 0 to `count` - 1 of the column with this seed. */
  async *texts(count, seed, temperature) {
    const draw = await this.start(temperature);
    for (let row = 0; row < count; row++) yield await this.text(rowKey(seed, row), draw);
  }

  async text(key, draw) {
    let text = await draw(key);
    for (let attempt = 1; attempt <= ATTEMPTS && (await this.isRejected(text)); attempt++)
      text = await draw(attemptKey(key, attempt));
    return text;
  }

  /** Return a function that draws the text of a key, without rejection. */
  async start(temperature = this.card.options.temperature ?? 1) {
    const { card } = this;
    const prompts = card.openings.length ? card.openings : [[card.start ?? 0]];
    const begun = [];
    for (const prompt of prompts) {
      let states = card.states.map(({ size }) => new Float32Array(size));
      let found;
      for (const token of prompt) ({ states, ...found } = await this.step(token, states));
      const first = distribution(found.logits, card, this.neverFirst(), temperature);
      begun.push({ first, states });
    }
    return (key) => this.drawn(key, begun[choice(key, begun.length)], temperature);
  }

  async drawn(key, { first, states }, temperature) {
    const { card } = this;
    const drawn = (step) => (temperature === 0 ? [0, 0] : draws(key, step));
    const ids = [first(drawn(0))];
    while (ids.at(-1) !== card.end && ids.length < card.max_tokens) {
      const found = await this.step(ids.at(-1), states, drawn(ids.length), temperature);
      states = found.states;
      ids.push(found.next);
    }
    if (ids.at(-1) === card.end) ids.pop();
    return ids.map((i) => card.tokens[i]).join("").trim();
  }

  /** Run the graph once: feed a token, get the logits, the next token and the next states. */
  async step(token, states, [first, second] = [0, 0], temperature = 1) {
    const { Tensor } = this.ort;
    const feeds = {
      token: new Tensor("int64", [BigInt(token)], [1]),
      draw: new Tensor("float64", [first, second], [1, 2]),
      temperature: new Tensor("float32", [temperature], []),
    };
    this.card.states.forEach(({ name, size }, i) => {
      feeds[name] = new Tensor("float32", states[i], [1, size]);
    });
    const found = await this.session.run(feeds);
    return {
      logits: found.logits.data,
      next: Number(found.next.data[0]),
      states: this.card.states.map(({ name }) => found[`${name}_next`].data),
    };
  }

  /** Return the ids that no text begins with; see `mask_by_card` in faker_neural. */
  neverFirst() {
    const { tokens, end, padding } = this.card;
    const spaced = tokens.every(
      (token, i) => i === end || !(token.slice(0, 1).trim() && /[\p{L}\p{N}]/u.test(token)),
    );
    const blank = (token, i) => i === end || !token.trim();
    const rule = spaced ? blank : (token, i) => blank(token, i) || !token.slice(0, 1).trim();
    const masked = new Set([...tokens.keys()].filter((i) => rule(tokens[i], i)));
    if (masked.size === tokens.length) masked.clear();
    return padding === null ? masked : masked.add(padding);
  }

  async isRejected(text) {
    const { options, training_lines: lines } = this.card;
    if (options.verbatim === "rejected" && (await this.isLine(text, lines.range))) return true;
    return options.blocked === OFFENSIVE && (await this.isOffensive(text));
  }

  async isLine(text, range) {
    const folded = fold(text).split(/\s+/).filter(Boolean).join(" ");
    const bytes = new DataView(await hash(folded));
    return this.lines.has(Number(bytes.getBigUint64(0, true) % BigInt(range)));
  }

  async isOffensive(text) {
    const words = fold(text).match(WORD) ?? [];
    const numbers = await Promise.all(words.map(async (word) => number(await hash(word))));
    return numbers.some((each) => this.offensive.has(each));
  }
}
