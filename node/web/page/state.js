// What all views share: this node, this session, and what things are called.
import { call } from './api.js';

export const state = { status: {}, session: { scopes: ['read'] }, validators: [], pools: new Map() };

export const may = (scope) => state.session.scopes.includes(scope);
export const me = () => state.status.account;

const asked = new Set();
let running = 0;
const most = 3; // pools asked for at once

// learn remembers pools, for their titles and prices.
export function learn(pools) {
  for (const p of pools ?? []) state.pools.set(String(p.id), { ...state.pools.get(String(p.id)), ...p });
}

// poolOf is a pool as it is known; one that is not is asked for once.
export function poolOf(id) {
  const key = String(id);
  if (!state.pools.has(key) && key !== '0' && !asked.has(key) && running < most) {
    asked.add(key);
    running++;
    call('GetPool', { id: key }).then(({ pool }) => learn([pool]), () => {}).finally(() => running--);
  }
  return state.pools.get(key);
}

export const names = {
  pool: (id) => poolOf(id)?.title ?? '',
  price: (id) => poolOf(id)?.price,
  validator: (address) => state.validators.find((v) => v.address === address)?.moniker ?? '',
};

let due = 0;

// learnValidators reads the list of validators now and then: it seldom changes.
export async function learnValidators() {
  if (Date.now() < due) return;
  due = Date.now() + 20_000;
  try {
    state.validators = (await call('ListValidators')).validators ?? [];
  } catch (err) {
    due = 0;
    throw err;
  }
}

// List is a list of the node, newest first, of which as many pages are read as were asked for.
export class List {
  constructor(method, field, filter, limit = 50) {
    Object.assign(this, { method, field, filter, limit, pages: 1, records: [], more: false });
  }

  async refresh() {
    const records = [];
    let cursor = '';
    for (let i = 0; i < this.pages; i++) {
      const answer = await call(this.method, { ...this.filter, limit: this.limit, reverse: true, cursor });
      records.push(...(answer[this.field] ?? []));
      cursor = answer.nextCursor ?? '';
      if (!cursor) break;
    }
    this.records = records;
    this.more = cursor !== '';
  }
}
