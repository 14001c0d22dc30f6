// What this node buys, as it comes in.
import { h, keyed } from './dom.js';
import { rich, t } from './texts.js';
import { bytes, foreign, full, med, raw, umed } from './words.js';
import { chip, kind } from './timeline.js';

// showPulls shows pulls, the newest first.
export function showPulls(el, pulls, names) {
  const items = pulls.map((p) => ({ ...p, poolTitle: names.pool(p.poolId), price: names.price(p.poolId) }));
  keyed(el, items, (p) => p.dealId, pull, t('pulls.none'));
}

const pull = (p) => h('article', { class: 'card' },
  h('h3', null, h('a', { href: `#deal-${p.dealId}` }, t('deals.number', { deal: p.dealId })), ' ', chip(p.state)),
  h('p', { class: 'meta' }, h('span', null, rich('pulls.from', { pool: p.poolTitle ? foreign(p.poolTitle) : t('pools.number', { pool: p.poolId }) })), p.price && h('span', null, med(p.price)), h('span', null, bytes(p.size)), p.records && h('span', null, t('count.records', { n: p.records }))),
  kind(p.state) === 'now' && !p.path && progress(Number(p.held ?? 0), Number(p.size ?? 0)),
  p.reason && h('p', { class: 'reason' }, raw(p.reason)),
  umed(p.refund) > 0n && h('p', null, rich('pulls.refund', { amount: h('b', null, med(p.refund)) })),
  p.path && h('p', null, rich('pulls.decrypted', { path: full(p.path) })));

// progress is of the ciphertext, which is let go when the records are there.
const progress = (held, size) => h('div', { class: 'filled' },
  h('progress', { max: size || 1, value: held, 'aria-label': t('pulls.held', { held: bytes(held), size: bytes(size) }) }),
  h('p', null, rich('pulls.part', { held: h('b', null, bytes(held)), size: bytes(size) }), size > 0 && held < size && t('pulls.percent', { percent: Math.floor((100 * held) / size) })));
