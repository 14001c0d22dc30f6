// What is moved now, how fast, and by which way.
import { call } from './api.js';
import { h, keyed, s } from './dom.js';
import { count, t } from './texts.js';
import { at, bytes, cut, raw } from './words.js';

const most = 90; // rates that a drawing shows
const rates = new Map(); // transfer → its latest rates
let parts = null;
let list = [];

export const transfers = {
  title: () => t('transfers.title'),
  open(el) {
    parts = { list: h('div', { class: 'stack', id: 'transfers' }) };
    el.append(h('p', { class: 'lead' }, t('transfers.lead')), parts.list);
  },
  async ask() {
    list = ((await call('ListTransfers')).transfers ?? []).toReversed();
    const known = new Set(list.map((x) => x.id));
    for (const id of rates.keys()) if (!known.has(id)) rates.delete(id);
    for (const x of list) if (!x.ended) rates.set(x.id, [...(rates.get(x.id) ?? []), Number(x.rate ?? 0)].slice(-most));
  },
  draw() {
    keyed(parts.list, list.slice(0, 100).map((x) => ({ ...x, rates: rates.get(x.id) ?? [] })), (x) => x.id, transfer, t('transfers.none'));
  },
};

const transfer = (x) => h('article', { class: 'card' },
  h('h3', null, x.direction === 'pull' ? t('transfers.pull') : t('transfers.serve'), ' ', h('span', { class: 'chip', 'data-mark': x.error ? 'bad' : x.ended ? 'good' : 'now' }, x.error ? t('transfers.failed') : x.ended ? t('transfers.done') : t('transfers.going'))),
  h('p', { class: 'meta' }, cut(x.cid), x.started && h('span', null, at(x.started)), h('span', null, Number(x.size ?? 0) > 0 ? t('transfers.part', { held: bytes(x.held), size: bytes(x.size) }) : bytes(x.held)), !x.ended && h('span', null, t('transfers.rate', { rate: bytes(x.rate) }))),
  !x.ended && Number(x.size ?? 0) > 0 && h('div', { class: 'filled' }, h('progress', { max: Number(x.size), value: Number(x.held ?? 0), 'aria-label': t('transfers.part', { held: bytes(x.held), size: bytes(x.size) }) })),
  x.rates.length > 1 && speed(x.rates),
  x.error && h('p', { class: 'reason' }, raw(x.error)),
  (x.routes ?? []).length > 0 && h('ul', { class: 'plain' }, x.routes.slice(0, 20).map((r) => h('li', null, [cut(r.peerId), ' ', h('span', { class: 'chip' }, r.relayed ? t('network.relayed') : t('transfers.direct')), ' ', raw(r.transport), ' ', Number(r.rttUs ?? 0) > 0 && `${count(Math.round(Number(r.rttUs) / 1000))} ms`]))));

// speed draws the latest rates.
function speed(list) {
  const top = Math.max(...list, 1);
  const points = list.map((n, i) => `${((i * 300) / (most - 1)).toFixed(1)},${(48 - (44 * n) / top).toFixed(1)}`).join(' ');
  return h('figure', { class: 'chart' }, s('svg', { viewBox: '0 0 300 50', role: 'img', 'aria-label': t('transfers.speed', { rate: bytes(list.at(-1)), top: bytes(top) }) }, s('polyline', { class: 'speed', points })));
}
