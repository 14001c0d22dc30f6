// The way of a deal as a picture: five stations, and the exit of each.
import { h } from './dom.js';
import { count, rich, stateName, t } from './texts.js';
import { at, raw, when } from './words.js';

const way = ['offered', 'certified', 'acked', 'delivered', 'final'];
const exits = { offered: 'lapsed', certified: 'unacked', acked: 'undelivered', delivered: 'fraud' };
const meanings = new Set([...way, ...Object.values(exits), 'disputed', 'failed']);
// meaning says what a state means, in a sentence.
export const meaning = (state) => (meanings.has(state) ? t('meaning.' + state) : null);

// next says what a state asks of somebody: of the seller, the buyer or ''.
export function next(state, role) {
  if (state === 'offered' && role === 'seller') return t('next.offered_seller');
  if (state === 'certified' && role === 'buyer') return t('next.certified_buyer');
  if (state === 'acked' && role === 'seller') return t('next.acked_seller');
  return state === 'delivered' ? t('next.delivered') : '';
}

export const ended = (state) => state === 'final' || Object.values(exits).includes(state);

// kind says how a state is to be coloured.
export const kind = (state) => (state === 'final' ? 'good' : ended(state) || state === 'failed' || state === 'disputed' ? 'bad' : 'now');

// named is the name of a state, or the state as a newer node has it.
const named = (state) => stateName(state) ?? (state ? raw(state) : '–');

export const chip = (state) => h('span', { class: 'chip', 'data-mark': kind(state), title: meaning(state) }, named(state));

// timeline draws a deal's history.
export function timeline(deal) {
  const steps = new Map((deal.history ?? []).map((s) => [s.state, s]));
  const out = ended(deal.state) && deal.state !== 'final';
  const from = out ? way.findIndex((s) => exits[s] === deal.state) : way.indexOf(deal.state);
  return h('ol', { class: 'way', 'aria-label': t('way.label', { deal: deal.id, state: stateName(deal.state) ?? deal.state, meaning: meaning(deal.state) ?? '' }) },
    way.map((state, i) => station(state, i, from, out, steps, deal)));
}

function station(state, i, from, out, steps, deal) {
  const mark = i < from || (i === from && (out || state === 'final')) ? 'done' : i === from ? 'now' : 'todo';
  const exit = exits[state];
  const taken = out && i === from;
  return h('li', { 'data-mark': out && i > from ? 'never' : mark, 'aria-current': i === from && !out && 'step' },
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    h('span', { class: 'state', title: meaning(state) }, named(state)),
    mark !== 'todo' && steps.has(state) && step(steps.get(state)),
    exit && h('span', { class: 'exit', 'data-mark': taken ? 'taken' : i === from ? 'near' : 'far', title: meaning(exit), 'aria-hidden': !taken && i !== from && 'true' },
      h('span', null, named(exit)),
      taken && steps.has(exit) && step(steps.get(exit)),
      !out && i === from && deadline(deal)));
}

const step = (s) => h('span', { class: 'step' }, s.time && at(s.time), ' ', s.height && h('span', { class: 'height' }, t('block', { height: count(s.height) })));

function deadline(deal) {
  if (!deal.deadlineTime) return null;
  const due = when(deal.deadlineTime);
  return h('span', { class: 'step' }, deal.state === 'delivered' ? rich('way.final_unless', { when: due }) : rich('way.due', { when: due }));
}
