#!/usr/bin/env node
// Prove the books in this folder, written anew in another language than the shop's: node verify_ledger.mjs [FOLDER]
//   --kept FILE or CODE   a checkpoint you kept, or its twelve characters
//   --json                print one JSON object
// Exit 0: everything is as it was written. Exit 1: the first that is not. Needs Node 20 or later and nothing else.

import { createHash, createPublicKey, verify } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ZERO = "0".repeat(64);
const TURN = /^key_rotated (\S+) (\S+)$/; // the books go on with another key: the old one signs that, and the new one
const FIELDS = {
  at: "string", by: "list", data: "object", date: "string", doc: "string?", kind: "string", order: "string?",
  postings: "list", prev: "string", rules: "string?", seq: "number", shop: "number", txid: "string", v: "string",
};
export const KINDS = {
  asset: ["till", "courier-cash", "card", "psp", "receivable", "disputed", "bank", "safe", "envelopes"],
  liability: ["deposits", "refunds-due", "hidden-cash", "tax"],
  income: ["revenue", "forfeit", "discount"],
  expense: ["over-short", "fee", "expense", "waste"],
  equity: ["opening"],
};

class Wrong extends Error {
  constructor(says, entry = null) {
    super(says);
    this.entry = entry;
  }
}

// --- The tree of RFC 9162, section 2.1: written as the section defines it, not as the shop computes it ---

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();
export const leafHash = (line) => sha256(Buffer.from([0]), line);
const nodeHash = (left, right) => sha256(Buffer.from([1]), left, right);
const split = (n) => 2 ** Math.floor(Math.log2(n - 1));

export function root(leaves) {
  if (leaves.length === 0) return sha256();
  if (leaves.length === 1) return leaves[0];
  const k = split(leaves.length);
  return nodeHash(root(leaves.slice(0, k)), root(leaves.slice(k)));
}

export function inclusion(m, leaves) {
  if (leaves.length === 1) return [];
  const k = split(leaves.length);
  if (m < k) return [...inclusion(m, leaves.slice(0, k)), root(leaves.slice(k))];
  return [...inclusion(m - k, leaves.slice(k)), root(leaves.slice(0, k))];
}

export function consistency(m, leaves, whole = true) {
  if (m === leaves.length) return whole ? [] : [root(leaves)];
  const k = split(leaves.length);
  if (m <= k) return [...consistency(m, leaves.slice(0, k), whole), root(leaves.slice(k))];
  return [...consistency(m - k, leaves.slice(k), false), root(leaves.slice(0, k))];
}

// --- What stands in the files ---

function written(value) {
  if (Array.isArray(value)) return `[${value.map(written).join(",")}]`;
  if (value !== null && typeof value === "object") {
    const names = Object.keys(value).sort();
    // eslint-disable-next-line no-control-regex
    if (names.some((name) => /[^\x00-\x7f]/.test(name))) throw new Error("name");
    return `{${names.map((name) => `${JSON.stringify(name)}:${written(value[name])}`).join(",")}}`;
  }
  if (typeof value === "number" && !Number.isSafeInteger(value)) throw new Error("number");
  if (typeof value === "string" && !value.isWellFormed()) throw new Error("text");
  return JSON.stringify(value);
}

function isA(type, value) {
  if (type === "list") return Array.isArray(value);
  if (type === "object") return value !== null && typeof value === "object" && !Array.isArray(value);
  return typeof value === type.replace("?", "") || (type.endsWith("?") && value === null);
}

function entryIn(line) {
  const text = line.toString("utf8");
  const entry = JSON.parse(text);
  if (!isA("object", entry) || written(entry) !== text || !Buffer.from(text).equals(line)) throw new Error("form");
  const names = Object.keys(FIELDS);
  if (Object.keys(entry).length !== names.length) throw new Error("fields");
  if (names.some((name) => !Object.hasOwn(entry, name) || !isA(FIELDS[name], entry[name]))) throw new Error("types");
  if (entry.v !== "cakeledger/entry/v1" || entry.by.length !== 3) throw new Error("version");
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(entry.at)) throw new Error("moment");
  for (const posting of entry.postings) {
    if (!Array.isArray(posting) || posting.map((part) => typeof part).join() !== "string,string,number") {
      throw new Error("postings");
    }
  }
  return entry;
}

function treeIn(note, key) {
  const [, origin, number, encoded] = /^(\S+)\+([0-9a-f]{8})\+(\S+)$/.exec(key);
  const raw = Buffer.from(encoded, "base64");
  const id = sha256(origin, "\n", raw).subarray(0, 4);
  const form = /^(\S+)\n(\d+)\n(\S+)\nat (.*)\nwhy (.*)\nbefore ([0-9a-f]{64})\n\n((?:— \S+ \S+\n){1,2})$/u;
  const [, name, size, rootText, at, why, before, lines] = form.exec(note);
  const signers = lines.trimEnd().split("\n").map((line) => line.split(" ").slice(1));
  if (signers.length !== (TURN.test(why) ? 2 : 1)) throw new Error("signers");
  const [who, signed] = signers.find(([, text]) => Buffer.from(text, "base64").subarray(0, 4).equals(id));
  const signature = Buffer.from(signed, "base64");
  const rootBytes = Buffer.from(rootText, "base64");
  const same = raw[0] === 1 && name === origin && who === origin && number === id.toString("hex") &&
    signature.subarray(0, 4).equals(id) && signature.toString("base64") === signed &&
    rootBytes.toString("base64") === rootText && String(Number(size)) === size;
  if (!same) throw new Error("form");
  const der = Buffer.concat([Buffer.from("302a300506032b6570032100", "hex"), raw.subarray(1)]);
  const body = Buffer.from(note.slice(0, note.lastIndexOf("\n\n") + 1));
  const publicKey = createPublicKey({ key: der, format: "der", type: "spki" });
  if (!verify(null, body, publicKey, signature.subarray(4))) throw new Error("signature");
  return [Number(size), at, rootBytes.toString("hex"), why, before];
}

export function shortCode(note) {
  let number = BigInt(`0x${sha256(note).toString("hex").slice(0, 15)}`);
  let code = "";
  for (let n = 0; n < 12; n += 1, number >>= 5n) code = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[Number(number & 31n)] + code;
  return code;
}

// --- The check ---

export function check(folder, kept = []) {
  const books = JSON.parse(readFileSync(join(folder, "books.json"), "utf8"));
  if (books.v !== "cakeledger/bundle/v1") throw new Error(books.v);
  const roots = new Map();
  let trouble = null;
  let before = ZERO;
  let key = books.key;
  const turns = new Map();
  for (const [size, at, hash, why, note] of books.checkpoints) {
    try {
      const tree = treeIn(note, key);
      if (written(tree) !== written([size, at, hash, why, before])) throw new Error("row");
      const turn = TURN.exec(why);
      if (turn) {
        if (turn[1] !== key || written(treeIn(note, turn[2])) !== written(tree)) throw new Error("key");
        key = turn[2];
        turns.set(size, written([turn[1], turn[2]]));
      }
      roots.set(size, hash);
    } catch {
      trouble ??= new Wrong(`the checkpoint at ${size} is not what was signed`);
    }
    before = sha256(String(note)).toString("hex");
  }
  const end = walk(readFileSync(join(folder, "entries.jsonl")), readFileSync(join(folder, "leaves.txt"), "latin1"), roots, turns);
  const { size, last, at, edge, opened } = end;
  if (books.heads.length > 0 && books.heads[0][1] !== size) throw new Wrong("the books counted otherwise", size + 1);
  const head = [[1, size, last, at || null, edge.map((part) => part.toString("hex"))]];
  if (JSON.stringify(books.heads) !== JSON.stringify(head) || Math.max(...books.last) > size) {
    throw new Wrong("the end of the books does not fit the last entry");
  }
  if (books.strays.length > 0) throw new Wrong("a posting belongs to no entry");
  const lines = (accounts) => accounts.map((account) => JSON.stringify(account)).sort().join("\n");
  if (lines(books.accounts) !== lines([...opened.values()])) throw new Wrong("the accounts are not those that were opened");
  if (trouble) throw trouble;
  if (turns.size > 0) throw new Wrong("a checkpoint changes the key, and no entry says so");
  const notes = books.checkpoints.map((row) => row[4]);
  for (const one of kept) {
    const code = one.trim().toUpperCase().replaceAll("-", "");
    if (!notes.includes(one) && !notes.some((note) => shortCode(note) === code)) {
      throw new Wrong("the checkpoint you kept is gone: history was changed");
    }
  }
  return { size, root: rootOf(edge).toString("hex") };
}

const rootOf = (edge) => (edge.length === 0 ? sha256() : edge.reduceRight((right, left) => nodeHash(left, right)));

function walk(file, leaves, roots, turns) {
  const edge = [];
  const opened = new Map();
  let [size, last, at, signed] = [0, ZERO, "", 0];
  for (let from = 0; from < file.length; ) {
    const seq = size + 1;
    const until = file.indexOf(10, from);
    const line = file.subarray(from, until < 0 ? file.length - 1 : until);
    from = until < 0 ? file.length : until + 1;
    let entry;
    try {
      entry = entryIn(line);
    } catch {
      throw new Wrong(`entry ${seq} is not written as an entry is`, seq);
    }
    let part = leafHash(line);
    const leaf = part.toString("hex");
    for (let count = size; count & 1; count >>>= 1) part = nodeHash(edge.pop(), part);
    edge.push(part);
    if (entry.seq !== seq || entry.prev !== last || entry.at < at) throw new Wrong(`entry ${seq} does not follow`, seq);
    if (leaves.slice(size * 65, size * 65 + 65) !== `${leaf}\n`) throw new Wrong(`entry ${seq} has another hash`, seq);
    const sums = new Map();
    for (const [account, currency, amount] of entry.postings) {
      sums.set(currency, (sums.get(currency) ?? 0n) + BigInt(amount));
      if (!opened.has(account)) throw new Wrong(`entry ${seq} uses an account nobody has opened`, seq);
    }
    if ([...sums.values()].some((sum) => sum !== 0n)) throw new Wrong(`entry ${seq} does not add up to nothing`, seq);
    if (entry.kind === "account_opened") {
      const { account, kind } = entry.data;
      const known = Object.hasOwn(KINDS, kind) && KINDS[kind].includes(String(account).split(":")[0]);
      if (opened.has(account) || !known) throw new Wrong(`entry ${seq} opens an account that cannot be`, seq);
      opened.set(account, [account, kind, seq]);
    }
    if (entry.kind === "key_rotated") {
      const { old, new: next } = entry.data;
      if (turns.get(seq) !== written([old ?? null, next ?? null])) {
        throw new Wrong(`entry ${seq} changes the key, and the key before it has not signed that`, seq);
      }
      turns.delete(seq);
    }
    [size, last, at] = [seq, leaf, entry.at];
    if (roots.has(seq)) {
      if (roots.get(seq) !== rootOf(edge).toString("hex")) throw new Wrong("signed entries were changed", signed + 1);
      signed = seq;
    }
  }
  if (leaves.length !== size * 65) throw new Wrong(`entry ${size + 1} is missing`, size + 1);
  return { size, last, at, edge, opened };
}

function main(words) {
  const json = words.includes("--json");
  const kept = words.flatMap((word, n) => (words[n - 1] === "--kept" ? [word] : []))
    .map((one) => (existsSync(one) ? readFileSync(one, "utf8") : one));
  const folder = words.find((word, n) => !word.startsWith("--") && words[n - 1] !== "--kept");
  let answer;
  try {
    answer = { well: true, ...check(folder ?? dirname(fileURLToPath(import.meta.url)), kept) };
  } catch (bad) {
    const says = bad instanceof Wrong ? bad.message : `this is not a bundle of the books (${bad.message})`;
    answer = { well: false, entry: bad.entry ?? null, says };
  }
  const plain = answer.well ? `OK 正确  ${answer.size} entries, root ${answer.root}` : `WRONG 有误  ${answer.says}`;
  console.log(json ? JSON.stringify(answer) : plain);
  process.exitCode = answer.well ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.slice(2));
