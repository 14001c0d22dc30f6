// The validators of the market, and what this node has to do as one.
import { call } from './api.js';
import { h, keyed, on } from './dom.js';
import { amount, button, field, spend, toUmed } from './forms.js';
import { learnValidators, List, may, me, names, state } from './state.js';
import { count, rich, stateName, t } from './texts.js';
import { cut, foreign, med, raw, umed, when } from './words.js';

let parts = null;
let own = null;
let queue = null;

export const validator = {
  title: () => t('validator.title'),
  open(el) {
    own = queue = null;
    parts = { own: h('div', { class: 'stack' }), duties: h('div', { class: 'stack' }), queue: h('div', { class: 'stack' }), all: h('div', { class: 'stack', id: 'validators' }) };
    el.append(h('p', { class: 'lead' }, t('validator.lead')), parts.own,
      h('section', { 'aria-labelledby': 'duties-title' }, h('h3', { id: 'duties-title' }, t('validator.duties')), parts.duties),
      h('section', { 'aria-labelledby': 'queue-title' }, h('h3', { id: 'queue-title' }, t('validator.queue')), parts.queue),
      h('section', { 'aria-labelledby': 'all-title' }, h('h3', { id: 'all-title' }, t('network.validators')), parts.all));
  },
  async ask() {
    await learnValidators();
    if (!me() || !state.validators.some((v) => v.address === me())) return;
    own = (await call('GetValidator')).validator; // lists say nothing of stakes
    queue ??= new List('ListDeals', 'deals', { validator: me(), state: 'offered' }, 50);
    await queue.refresh();
  },
  draw() {
    keyed(parts.own, own ? [{ ...own, may: may('admin') }] : [], () => 'own', mine, t('validator.none'));
    keyed(parts.duties, state.status.duties ?? [], (d) => d.dealId, (d) => h('article', { class: 'row' },
      h('h4', null, h('a', { href: `#/deal/${d.dealId}` }, t('deals.number', { deal: d.dealId })), h('span', { class: 'chip', 'data-mark': 'wait' }, rich('validator.until', { when: when(d.deadline) }))),
      h('p', { class: 'meta' }, d.waitsFor ? raw(d.waitsFor) : t('validator.working'))), t('validator.no_duties'));
    keyed(parts.queue, (queue?.records ?? []).filter((d) => !(d.certificates ?? []).some((c) => c.validator === me())).map((d) => ({ ...d, title: names.pool(d.poolId) })), (d) => d.id, (d) => h('article', { class: 'row' },
      h('h4', null, h('a', { href: `#/deal/${d.id}` }, t('deals.number', { deal: d.id })), d.deadlineTime && h('span', { class: 'chip' }, rich('validator.until', { when: when(d.deadlineTime) }))),
      h('p', { class: 'meta' }, d.title ? foreign(d.title) : t('pools.number', { pool: d.poolId }), h('span', null, t('validator.reward', { amount: med(d.verdictReward) })))), t('validator.no_queue'));
    showValidators(parts.all, state.validators.map((v) => (own && v.address === own.address ? own : v)));
  },
};

// left is what is not staked of a bond.
const left = (v) => ({ amount: String(umed(v.bond) > umed(v.staked) ? umed(v.bond) - umed(v.staked) : 0n) });

const mine = (v) => h('article', { class: 'card' },
  h('h3', null, foreign(v.moniker, t('unnamed')), ' ', status(v)),
  h('dl', { class: 'figures' },
    figure(t('validator.bond'), med(v.bond)), figure(t('validator.staked'), med(v.staked)), figure(t('validator.left'), med(left(v))),
    figure(t('validator.commission'), t('percent', { percent: (v.commissionBp ?? 0) / 100 })), figure(t('validator.missed'), t('validator.missed_of', { missed: count(v.missedDuties ?? 0), n: v.duties ?? 0 }))),
  v.status === 'jailed' && h('p', { class: 'reason' }, v.jailedUntil ? rich('validator.jailed_until', { when: when(v.jailedUntil) }) : t('validator.jailed')),
  v.may && h('div', { class: 'actions' }, addBond(), v.status === 'jailed' && button(t('validator.unjail'), () => spend({ method: 'Unjail', body: {}, title: t('validator.unjail'), verb: t('validator.unjail') }))));

const figure = (name, value) => h('div', { class: 'figure' }, h('dt', null, name), h('dd', null, value));

function addBond() {
  const sum = h('input', { type: 'text', inputmode: 'decimal', autocomplete: 'off', size: null });
  const form = h('form', { class: 'inline' }, field(t('validator.more_bond'), sum), h('button', { type: 'submit', class: 'button plain' }, t('validator.add_bond')));
  return on(form, 'submit', (e) => {
    e.preventDefault();
    const n = toUmed(sum.value);
    if (n && n !== '0') spend({ method: 'AddBond', body: { amount: amount(n) }, title: t('validator.add_bond'), verb: t('validator.add_verb') });
    else sum.focus();
  });
}

const status = (v) => h('span', { class: 'chip', 'data-mark': v.status === 'bonded' ? 'good' : 'wait' }, stateName(v.status) ?? (v.status ? raw(v.status) : t('unknown')));

function showValidators(el, validators) {
  keyed(el, validators, (v) => v.address, (v) => h('article', { class: 'row' },
    h('h4', null, foreign(v.moniker, t('unnamed')), ' ', status(v)),
    h('p', { class: 'meta' }, h('span', null, cut(v.address)), h('span', null, t('network.bond', { amount: med(v.bond) })), v.staked && h('span', null, t('network.staked', { staked: med(v.staked), free: med(left(v)) })), h('span', null, t('network.commission', { percent: (v.commissionBp ?? 0) / 100 })))),
  t('network.no_validators'));
}
