// What this node buys, as it comes in.
import { h, keyed } from './dom.js';
import { bytes, foreign, full, med, plural, umed, visible } from './words.js';
import { chip, kind } from './timeline.js';

const most = 100;

export function showPulls(el, pulls, names) {
  const items = pulls.slice(-most).reverse().map((p) => ({ ...p, poolTitle: names.pool(p.poolId) }));
  keyed(el, items, (p) => p.dealId, pull, 'This node pulls nothing. `pdx pull POOL --out FOLDER` orders what a pool of yours brings in.');
}

const pull = (p) => h('article', { class: 'card' },
  h('h3', null, h('a', { href: `#deal-${p.dealId}` }, `Deal ${p.dealId}`), ' ', chip(p.state)),
  h('p', { class: 'meta' }, h('span', null, 'from ', p.poolTitle ? foreign(p.poolTitle) : `pool ${p.poolId}`), h('span', null, bytes(p.size)), p.records && h('span', null, plural(p.records, 'record'))),
  kind(p.state) === 'now' && !p.path && progress(Number(p.held ?? 0), Number(p.size ?? 0)),
  p.reason && h('p', { class: 'reason' }, visible(p.reason)),
  umed(p.refund) > 0n && h('p', null, 'Came back: ', h('b', null, med(p.refund))),
  p.path && h('p', null, 'Decrypted into ', full(p.path)));

// progress is of the ciphertext, which is let go when the records are there.
const progress = (held, size) => h('div', { class: 'filled' },
  h('progress', { max: size || 1, value: held, 'aria-label': `${bytes(held)} of ${bytes(size)} held` }),
  h('p', null, h('b', null, bytes(held)), ` of ${bytes(size)}`, size > 0 && held < size && `, ${Math.floor((100 * held) / size)} %`));
