// Deals with their way, newest first.
import { h, keyed } from './dom.js';
import { count, rich, t } from './texts.js';
import { bytes, cut, foreign, full, med, raw, visible } from './words.js';
import { chip, ended, meaning, timeline } from './timeline.js';

const step = 20;
let shown = step;

export function showDeals(section, deals, account, names) {
  const which = section.querySelector('select').value;
  const all = deals.map((d) => ({ ...d, you: roleIn(d, account), poolTitle: names.pool(d.poolId), validators: (d.certificates ?? []).map((c) => names.validator(c.validator)) }))
    .filter((d) => (which === 'live' ? !ended(d.state) : which === 'mine' ? d.you : true)).reverse();
  keyed(section.querySelector('.stack'), all.slice(0, shown), (d) => d.id, deal,
    which === 'all' ? t('deals.none') : t('deals.none_such'));
  section.querySelector('.more').hidden = all.length <= shown;
}

// wireDeals makes the section's own controls work.
export function wireDeals(section, redraw) {
  section.querySelector('select').addEventListener('change', () => { shown = step; redraw(); });
  section.querySelector('.more').addEventListener('click', () => { shown += step; redraw(); });
}

function roleIn(d, account) {
  if (d.seller === account) return t('deals.you_sell');
  if (d.buyer === account) return t('deals.you_buy');
  return (d.certificates ?? []).some((c) => c.validator === account) ? t('deals.you_validate') : '';
}

const deal = (d) => h('article', { class: 'card deal', id: `deal-${d.id}` },
  h('h3', null, t('deals.number', { deal: d.id }), ' ', chip(d.state), ' ', d.you && h('span', { class: 'chip', 'data-mark': 'mine' }, d.you)),
  h('p', { class: 'meta' }, h('span', null, d.poolTitle ? foreign(d.poolTitle) : t('pools.number', { pool: d.poolId })), h('span', null, med(d.price)), h('span', null, bytes(d.size)), h('span', null, verdicts(d))),
  timeline(d),
  meaning(d.state) && h('p', { class: 'muted' }, meaning(d.state)),
  h('details', { 'data-part': `deal-${d.id}` }, h('summary', null, t('deals.more')), facts(d)));

function verdicts(d) {
  const all = d.certificates ?? [], good = all.filter((c) => c.accepted).length;
  return all.length === good ? t('count.certificates', { n: good }) : t('deals.verdicts', { accepted: good, rejected: all.length - good });
}

const facts = (d) => h('dl', { class: 'facts' },
  h('dt', null, t('deals.pool')), h('dd', null, String(d.poolId)),
  h('dt', null, t('deals.seller')), h('dd', null, full(d.seller)),
  h('dt', null, t('deals.buyer')), h('dd', null, full(d.buyer)),
  h('dt', null, t('deals.ciphertext')), h('dd', null, full(d.root)),
  h('dt', null, t('deals.deposit')), h('dd', null, med(d.deposit)),
  h('dt', null, t('deals.fields')), h('dd', null, (d.fields ?? []).slice(0, 100).map((f) => h('code', { class: 'field' }, visible(f) || t('deals.all_fields')))),
  (d.certificates ?? []).map((c, i) => [
    h('dt', null, c.accepted ? t('deals.certified_by') : t('deals.rejected_by')),
    h('dd', null, d.validators[i] ? foreign(d.validators[i]) : cut(c.validator), c.reason && [': ', raw(c.reason)], t('deals.at_block', { height: count(c.height) }))]),
  d.conviction && conviction(d.conviction),
  (d.shares ?? []).map((s) => [h('dt', null, t('deals.paid')), h('dd', null, rich('deals.paid_to', { amount: med(s.amount), account: cut(s.address) }))]));

// conviction says what was wrong, what came back to the buyer, and who paid for it.
const conviction = (c) => [
  h('dt', null, t('deals.convicted')), h('dd', null, c.kind === 'segment' ? t('deals.bad_segment', { segment: count(c.segment) }) :
    c.kind === 'promise' ? t('deals.broken_promise') : t('deals.bad_key')),
  h('dt', null, t('deals.refund')), h('dd', null, t('deals.refund_parts', { refund: med(c.refund), compensation: med(c.compensation) })),
  (c.slashed ?? []).map((s) => [h('dt', null, t('deals.slashed')), h('dd', null, rich('deals.slashed_of', { amount: med(s.amount), account: cut(s.address) }))])];
