// Long lists of the chain, read page by page without reading all of it anew
// every two seconds.
import { call } from './api.js';

const limit = 50; // records of a page
const most = 40; // pages: 2,000 records
const perTick = 5; // new pages read at once

// Pages reads a list; settled(record) tells that a record cannot change.
export class Pages {
  constructor(method, field, filter, settled) {
    Object.assign(this, { method, field, filter, settled, pages: [] });
  }

  get records() { return this.pages.flatMap((p) => p.records); }

  // whole tells whether records are all there are.
  get whole() { return this.pages.length > 0 && !this.pages.at(-1).next; }

  // refresh reads again what may have changed, and on to the end.
  async refresh() {
    let cursor = '', fresh = 0;
    for (let i = 0; i < most; i++) {
      let page = this.pages[i];
      const same = page && page.cursor === cursor;
      if (!same && fresh++ === perTick) return;
      if (!same || !page.next || !page.records.every(this.settled)) {
        page = await this.read(cursor);
        if (!same) this.pages.length = i; // what came after was another list
        this.pages[i] = page;
      }
      cursor = page.next;
      if (!cursor) {
        this.pages.length = i + 1;
        return;
      }
    }
  }

  async read(cursor) {
    const answer = await call(this.method, { ...this.filter, limit, cursor });
    return { cursor, records: answer[this.field] ?? [], next: answer.nextCursor ?? '' };
  }
}
