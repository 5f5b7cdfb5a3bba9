/* The planner's moves: a history that can be undone and that outlives a reload. */

const FORMAT = 1;

export class Edits {
  /* `key` names the plan in `storage` (may be null: then nothing outlives the page); `base` is unit -> school. */
  constructor(key, base, storage) {
    this.key = key;
    this.base = base;
    this.storage = storage;
    this.done = [];
    this.undone = [];
    this.note = "";
    this.#load();
  }

  /* Give a unit to a school; giving it what it has is no move. */
  give(unit, school) {
    if (this.schoolOf(unit) === school) return false;
    this.done.push({ unit, school });
    this.undone = [];
    this.#keep();
    return true;
  }

  undo() {
    return this.#shift(this.done, this.undone);
  }

  redo() {
    return this.#shift(this.undone, this.done);
  }

  clear() {
    this.done = [];
    this.undone = [];
    this.note = "";
    this.#keep();
  }

  write(note) {
    this.note = note;
    this.#keep();
  }

  schoolOf(unit) {
    return this.done.findLast((move) => move.unit === unit)?.school ?? this.base[unit];
  }

  /* What the moves come to, as the server takes it: unit -> school, without those that lead back. */
  changes() {
    const last = new Map(this.done.map((move) => [move.unit, move.school]));
    return Object.fromEntries([...last].filter(([unit, school]) => this.base[unit] !== school));
  }

  #shift(from, to) {
    const move = from.pop();
    if (!move) return null;
    to.push(move);
    this.#keep();
    return move;
  }

  #load() {
    try {
      const kept = JSON.parse(this.storage?.getItem(this.key) ?? "null");
      if (kept?.format !== FORMAT) return;
      const known = (moves) => moves.filter((move) => move.unit in this.base);
      this.done = known(kept.done);
      this.undone = known(kept.undone);
      this.note = kept.note;
    } catch {
      this.storage = null;
    }
  }

  #keep() {
    const { done, undone, note } = this;
    try {
      if (done.length + undone.length === 0 && !note) this.storage?.removeItem(this.key);
      else this.storage?.setItem(this.key, JSON.stringify({ format: FORMAT, done, undone, note }));
    } catch {
      this.storage = null; // full or forbidden: the page goes on without
    }
  }
}
