// Deals with their way, newest first.
import { h, keyed } from './dom.js';
import { bytes, count, cut, foreign, full, med, plural, visible } from './words.js';
import { chip, ended, timeline } from './timeline.js';

const step = 20;
let shown = step;

export function showDeals(section, deals, account, names) {
  const which = section.querySelector('select').value;
  const all = deals.map((d) => ({ ...d, you: roleIn(d, account), poolTitle: names.pool(d.poolId), validators: (d.certificates ?? []).map((c) => names.validator(c.validator)) }))
    .filter((d) => (which === 'live' ? !ended(d.state) : which === 'mine' ? d.you : true)).reverse();
  keyed(section.querySelector('.stack'), all.slice(0, shown), (d) => d.id, deal,
    which === 'all' ? 'There is no deal yet. `pdx sell POOL DATA` offers a dataset.' : 'There is no such deal.');
  section.querySelector('.more').hidden = all.length <= shown;
}

// wireDeals makes the section's own controls work.
export function wireDeals(section, redraw) {
  section.querySelector('select').addEventListener('change', () => { shown = step; redraw(); });
  section.querySelector('.more').addEventListener('click', () => { shown += step; redraw(); });
}

function roleIn(d, account) {
  if (d.seller === account) return 'you sell';
  if (d.buyer === account) return 'you buy';
  return (d.certificates ?? []).some((c) => c.validator === account) ? 'you validate' : '';
}

const deal = (d) => h('article', { class: 'card deal', id: `deal-${d.id}` },
  h('h3', null, `Deal ${d.id}`, ' ', chip(d.state), ' ', d.you && h('span', { class: 'chip', 'data-mark': 'mine' }, d.you)),
  h('p', { class: 'meta' }, h('span', null, d.poolTitle ? foreign(d.poolTitle) : `Pool ${d.poolId}`), h('span', null, med(d.price)), h('span', null, bytes(d.size)), h('span', null, verdicts(d))),
  timeline(d),
  h('details', { 'data-part': `deal-${d.id}` }, h('summary', null, 'Who and what'), facts(d)));

function verdicts(d) {
  const all = d.certificates ?? [], good = all.filter((c) => c.accepted).length;
  return all.length === good ? plural(good, 'certificate') : `${good} accepted, ${all.length - good} rejected`;
}

const facts = (d) => h('dl', { class: 'facts' },
  h('dt', null, 'Pool'), h('dd', null, String(d.poolId)),
  h('dt', null, 'Seller'), h('dd', null, full(d.seller)),
  h('dt', null, 'Buyer'), h('dd', null, full(d.buyer)),
  h('dt', null, 'Ciphertext'), h('dd', null, full(d.root)),
  h('dt', null, 'Deposit'), h('dd', null, med(d.deposit)),
  h('dt', null, 'Fields'), h('dd', null, (d.fields ?? []).slice(0, 100).map((f) => h('code', { class: 'field' }, visible(f) || 'all'))),
  (d.certificates ?? []).map((c, i) => [
    h('dt', null, c.accepted ? 'Certified by' : 'Rejected by'),
    h('dd', null, d.validators[i] ? foreign(d.validators[i]) : cut(c.validator), c.reason && `: ${visible(c.reason)}`, ` · block ${count(c.height)}`)]),
  d.conviction && conviction(d.conviction),
  (d.shares ?? []).map((s) => [h('dt', null, 'Paid'), h('dd', null, `${med(s.amount)} to `, cut(s.address))]));

// conviction says what was wrong, what came back to the buyer, and who paid for it.
const conviction = (c) => [
  h('dt', null, 'Convicted'), h('dd', null, c.kind === 'segment' ? `Segment ${count(c.segment)} does not decrypt` : 'The delivered key does not open the box'),
  h('dt', null, 'Refund'), h('dd', null, `${med(c.refund)} to the buyer, ${med(c.compensation)} of it as a compensation`),
  (c.slashed ?? []).map((s) => [h('dt', null, 'Slashed'), h('dd', null, `${med(s.amount)} of the bond of `, cut(s.address))])];
