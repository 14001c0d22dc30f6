// This node's deals and sales, newest first, each with its way and what comes next.
import { call } from './api.js';
import { h, keyed, on } from './dom.js';
import { button, choice, field, spend } from './forms.js';
import { showSales } from './sales.js';
import { learnValidators, List, may, me, names } from './state.js';
import { count, rich, t } from './texts.js';
import { bytes, cut, foreign, full, med, raw, visible } from './words.js';
import { chip, ended, meaning, next, timeline } from './timeline.js';

let lists = {};
let parts = null;

// listFor is the list of a role's deals.
function listFor(role) {
  if (role !== 'all' && !me()) return null;
  const filter = role === 'all' ? {} : { [role]: me() };
  return lists[`${role} ${me()}`] ??= new List('ListDeals', 'deals', filter, 25);
}

const sales = new List('ListSales', 'sales', {}, 20);

export const deals = {
  title: () => t('deals.title'),
  open(el) {
    lists = {};
    sales.pages = 1;
    const role = choice([['seller', t('deals.sold')], ['buyer', t('deals.bought')], ['validator', t('deals.judged')], ['all', t('deals.all')]], 'seller');
    const which = choice([['any', t('deals.any')], ['live', t('deals.live')]], 'any');
    role.id = 'deals-role';
    which.id = 'deals-which';
    const older = on(h('button', { type: 'button', class: 'more', hidden: true }, t('older')), 'click', () => { const list = listFor(role.value); list.pages++; list.refresh().then(draw, () => {}); });
    const olderSales = on(h('button', { type: 'button', class: 'more', hidden: true }, t('older')), 'click', () => { sales.pages++; sales.refresh().then(draw, () => {}); });
    parts = { role, which, older, olderSales, sales: h('div', { class: 'stack' }), deals: h('div', { class: 'stack' }) };
    on(role, 'change', () => { draw(); listFor(role.value)?.refresh().then(draw, () => {}); });
    on(which, 'change', draw);
    el.append(h('p', { class: 'lead' }, t('deals.lead')),
      h('section', { id: 'sales', 'aria-labelledby': 'sales-title' }, h('h3', { id: 'sales-title' }, t('sales.title')), parts.sales, olderSales),
      h('section', { id: 'deals', 'aria-labelledby': 'deals-title' }, h('h3', { id: 'deals-title' }, t('deals.on_chain')),
        h('form', { class: 'filters' }, field(t('deals.show'), role), field(t('deals.state'), which)), parts.deals, older));
  },
  async ask() {
    await Promise.all([learnValidators(), sales.refresh(), listFor(parts.role.value)?.refresh()]);
  },
  draw,
};

function draw() {
  const list = listFor(parts.role.value);
  if (!list) return;
  const shares = lists[`seller ${me()}`]?.records ?? [];
  showSales(parts.sales, sales.records, shares, names, cancel);
  parts.olderSales.hidden = !sales.more;
  const shown = list.records.map(seen).filter((d) => parts.which.value !== 'live' || !ended(d.state));
  keyed(parts.deals, shown, (d) => d.id, deal, list.records.length ? t('deals.none_such') : t('deals.none'));
  parts.older.hidden = !list.more;
}

// seen is a deal with what this node knows of it.
const seen = (d) => ({ ...d, role: roleOf(d), you: roleIn(d), poolTitle: names.pool(d.poolId), validators: (d.certificates ?? []).map((c) => names.validator(c.validator)) });

function roleOf(d) {
  if (d.seller === me()) return 'seller';
  return d.buyer === me() ? 'buyer' : '';
}

function roleIn(d) {
  if (d.seller === me()) return t('deals.you_sell');
  if (d.buyer === me()) return t('deals.you_buy');
  return (d.certificates ?? []).some((c) => c.validator === me()) ? t('deals.you_validate') : '';
}

const cancel = (s) => may('sell') && s.state === 'offered' && !(s.checks ?? []).some((c) => c.stage === 'done') && button(t('sales.cancel'), () => spend({
  method: 'CancelSale', body: { dealId: s.dealId }, title: t('sales.cancel_title', { deal: s.dealId }), verb: t('sales.cancel_verb'), about: () => h('p', null, t('sales.cancel_about')),
}), 'small');

const deal = (d) => h('article', { class: 'card deal', id: `deal-${d.id}` },
  h('h4', null, h('a', { href: `#/deal/${d.id}` }, t('deals.number', { deal: d.id })), ' ', chip(d.state), ' ', d.you && h('span', { class: 'chip', 'data-mark': 'mine' }, d.you)),
  h('p', { class: 'meta' }, h('span', null, d.poolTitle ? foreign(d.poolTitle) : t('pools.number', { pool: d.poolId })), h('span', null, med(d.price)), h('span', null, bytes(d.size)), h('span', null, verdicts(d))),
  timeline(d), step(d),
  h('details', { 'data-part': `deal-${d.id}` }, h('summary', { 'aria-label': t('deals.more_of', { deal: d.id }) }, t('deals.more')), facts(d)));

// step says what a state means, and what happens next.
const step = (d) => h('p', { class: 'muted' }, [meaning(d.state), !ended(d.state) && next(d.state, d.role)].filter(Boolean).map((text) => `${text[0].toUpperCase()}${text.slice(1)}. `));

function verdicts(d) {
  const all = d.certificates ?? [], good = all.filter((c) => c.accepted).length;
  return all.length === good ? t('count.certificates', { n: good }) : t('deals.verdicts', { accepted: good, rejected: all.length - good });
}

const facts = (d) => h('dl', { class: 'facts' },
  h('dt', null, t('deals.pool')), h('dd', null, h('a', { href: `#/pool/${d.poolId}` }, String(d.poolId))),
  h('dt', null, t('deals.seller')), h('dd', null, full(d.seller)),
  h('dt', null, t('deals.buyer')), h('dd', null, full(d.buyer)),
  h('dt', null, t('deals.ciphertext')), h('dd', null, full(d.root)),
  h('dt', null, t('deals.deposit')), h('dd', null, med(d.deposit)),
  h('dt', null, t('deals.fields')), h('dd', null, (d.fields ?? []).slice(0, 100).map((f) => h('code', { class: 'field' }, visible(f) || t('deals.all_fields')))),
  (d.agreements ?? []).map((a) => [h('dt', null, a.agreed ? t('deals.agreed') : t('deals.not_agreed')), h('dd', null, foreign(a.term?.title), a.term?.description && h('div', null, foreign(a.term.description)))]),
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

let one = null;

// oneDeal is a view of a single deal.
export const oneDeal = {
  title: () => t('deals.number', { deal: one?.id ?? '' }),
  open(el, id) {
    one = { id, el: h('div', { class: 'stack' }), deal: null };
    el.append(one.el);
  },
  async ask() {
    const mine = one;
    await learnValidators();
    mine.deal = (await call('GetDeal', { id: mine.id })).deal;
  },
  draw() {
    if (one.deal) keyed(one.el, [seen(one.deal)], (d) => d.id, (d) => h('article', { class: 'card deal' },
      h('h3', null, d.poolTitle ? foreign(d.poolTitle) : t('pools.number', { pool: d.poolId }), ' ', chip(d.state), ' ', d.you && h('span', { class: 'chip', 'data-mark': 'mine' }, d.you)),
      h('p', { class: 'meta' }, h('span', null, med(d.price)), h('span', null, bytes(d.size)), h('span', null, verdicts(d))), timeline(d), step(d), facts(d)));
  },
};
