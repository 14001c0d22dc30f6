// The way of a deal as a picture: five stations, and the exit of each.
import { h } from './dom.js';
import { at, count, when } from './words.js';

const way = ['offered', 'certified', 'acked', 'delivered', 'final'];
const exits = { offered: 'lapsed', certified: 'unacked', acked: 'undelivered', delivered: 'fraud' };
const means = {
  offered: 'the seller offered the dataset; validators check it',
  certified: 'validators certified it and the price is reserved; the buyer pulls',
  acked: 'the buyer holds the ciphertext; the seller delivers the key',
  delivered: 'the key is on chain and proven; the buyer may still complain',
  final: 'the money is the seller’s',
  lapsed: 'it was not certified in time',
  unacked: 'the buyer did not acknowledge it in time',
  undelivered: 'the seller did not deliver the key in time; the buyer was refunded',
  fraud: 'a complaint proved that the delivered dataset does not open; the buyer was refunded, the validators that certified it were slashed',
  disputed: 'it does not open; this node complains on chain',
  failed: 'it is not what was sold, and no complaint can change that',
};

export const ended = (state) => state === 'final' || Object.values(exits).includes(state);

// kind says how a state is to be coloured.
export const kind = (state) => (state === 'final' ? 'good' : ended(state) || state === 'failed' || state === 'disputed' ? 'bad' : 'now');

export const chip = (state) => h('span', { class: 'chip', 'data-mark': kind(state), title: means[state] }, state ?? '–');

// timeline draws a deal's history.
export function timeline(deal) {
  const steps = new Map((deal.history ?? []).map((s) => [s.state, s]));
  const out = ended(deal.state) && deal.state !== 'final';
  const from = out ? way.findIndex((s) => exits[s] === deal.state) : way.indexOf(deal.state);
  return h('ol', { class: 'way', 'aria-label': `Deal ${deal.id} is ${deal.state}: ${means[deal.state] ?? ''}` },
    way.map((state, i) => station(state, i, from, out, steps, deal)));
}

function station(state, i, from, out, steps, deal) {
  const mark = i < from || (i === from && (out || state === 'final')) ? 'done' : i === from ? 'now' : 'todo';
  const exit = exits[state];
  const taken = out && i === from;
  return h('li', { 'data-mark': out && i > from ? 'never' : mark, 'aria-current': i === from && !out && 'step' },
    h('span', { class: 'dot', 'aria-hidden': 'true' }),
    h('span', { class: 'state', title: means[state] }, state),
    mark !== 'todo' && steps.has(state) && step(steps.get(state)),
    exit && h('span', { class: 'exit', 'data-mark': taken ? 'taken' : i === from ? 'near' : 'far', title: means[exit], 'aria-hidden': !taken && i !== from && 'true' },
      h('span', null, exit),
      taken && steps.has(exit) && step(steps.get(exit)),
      !out && i === from && deadline(deal)));
}

const step = (s) => h('span', { class: 'step' }, s.time && at(s.time), s.height && ` · block ${count(s.height)}`);

function deadline(deal) {
  if (!deal.deadlineTime) return null;
  const due = when(deal.deadlineTime);
  return h('span', { class: 'step' }, deal.state === 'delivered' ? ['if proven; else final ', due] : [due, ', if nothing comes']);
}
