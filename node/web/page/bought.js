// What this node bought: how it comes in, its first records, and where it lies.
import { act } from './api.js';
import { h, keyed, on } from './dom.js';
import { button, locked, problem, spend } from './forms.js';
import { List, may, names } from './state.js';
import { rich, t } from './texts.js';
import { bytes, foreign, full, med, raw, umed, visible } from './words.js';
import { chip, kind, next } from './timeline.js';

const list = new List('ListPulls', 'pulls', {}, 20);
const looked = new Map(); // deal → {records} or {trouble}
let parts = null;

export const bought = {
  title: () => t('pulls.title'),
  open(el) {
    list.pages = 1;
    const older = on(h('button', { type: 'button', class: 'more', hidden: true }, t('older')), 'click', () => { list.pages++; list.refresh().then(draw, () => {}); });
    parts = { stack: h('div', { class: 'stack' }), older };
    el.append(h('p', { class: 'lead' }, t('pulls.lead')), h('section', { id: 'pulls', 'aria-label': t('pulls.title') }, parts.stack, older), may('buy') ? '' : locked('buy'));
  },
  ask: () => list.refresh(),
  draw,
};

function draw() {
  const items = list.records.map((p) => ({ ...p, poolTitle: names.pool(p.poolId), price: names.price(p.poolId), looked: looked.get(p.dealId), buy: may('buy') }));
  keyed(parts.stack, items, (p) => p.dealId, pull, t('pulls.none'));
  parts.older.hidden = !list.more;
}

const pull = (p) => h('article', { class: 'card' },
  h('h3', null, h('a', { href: `#/deal/${p.dealId}` }, t('deals.number', { deal: p.dealId })), ' ', chip(p.state)),
  h('p', { class: 'meta' }, h('span', null, rich('pulls.from', { pool: p.poolTitle ? foreign(p.poolTitle) : t('pools.number', { pool: p.poolId }) })), p.price && h('span', null, med(p.price)), h('span', null, bytes(p.size)), p.records && h('span', null, t('count.records', { n: p.records }))),
  kind(p.state) === 'now' && !p.path && progress(Number(p.held ?? 0), Number(p.size ?? 0)),
  kind(p.state) === 'now' && next(p.state, 'buyer') && h('p', { class: 'muted' }, next(p.state, 'buyer')),
  p.reason && h('p', { class: 'reason' }, raw(p.reason)),
  umed(p.refund) > 0n && h('p', null, rich('pulls.refund', { amount: h('b', null, med(p.refund)) })),
  p.path && h('p', null, rich('pulls.decrypted', { path: full(p.path) })),
  p.path && p.buy && h('div', { class: 'actions' },
    button(p.looked ? t('pulls.look_again') : t('pulls.look'), () => look(p.dealId), 'plain', { 'data-part': `look-${p.dealId}`, 'aria-label': t('pulls.look_at', { deal: p.dealId }) }),
    navigator.clipboard && button(t('pulls.copy'), () => navigator.clipboard.writeText(p.path).catch(() => {}), 'plain', { 'data-part': `copy-${p.dealId}` })),
  !p.path && p.again !== true && p.buy && ['final', 'opened'].includes(p.state) && button(t('pulls.again'), () => spend({ method: 'Pull', body: { poolId: p.poolId, dealId: p.dealId }, title: t('pulls.again'), verb: t('pull.verb') })),
  p.looked && shown(p.looked));

async function look(deal) {
  try {
    looked.set(deal, { records: await act('bought', { id: deal }) });
  } catch (err) {
    looked.set(deal, { trouble: err.message });
  }
  draw();
}

const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const longest = 2000;

// shown is the first of a dataset, as text only: it is a stranger's.
function shown({ records, trouble }) {
  if (trouble) return problem({ message: trouble });
  if (records.folder) return h('div', null, h('p', null, t('pulls.folder')), h('ul', { class: 'plain' }, records.names.map((name) => h('li', null, h('code', null, visible(name))))), records.more && h('p', { class: 'muted' }, t('pulls.more')));
  if (records.binary) return h('p', { class: 'muted' }, t('pulls.binary'));
  return h('div', { class: 'samples', role: 'region', 'aria-label': t('pulls.first') },
    records.lines.map((line) => h('pre', { class: 'record', tabindex: '0', translate: 'no' }, line.length > longest ? `${line.slice(0, longest)}…`.replace(hidden, '\ufffd') : line.replace(hidden, '\ufffd'))),
    records.more && h('p', { class: 'muted' }, t('pulls.more')));
}

// progress is of the ciphertext, which is let go when the records are there.
const progress = (held, size) => h('div', { class: 'filled' },
  h('progress', { max: size || 1, value: held, 'aria-label': t('pulls.held', { held: bytes(held), size: bytes(size) }) }),
  h('p', null, rich('pulls.part', { held: h('b', null, bytes(held)), size: bytes(size) }), size > 0 && held < size && t('pulls.percent', { percent: Math.floor((100 * held) / size) })));
