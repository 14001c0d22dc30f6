// How this node is: figures and health, its validators and peers.
import { h, keyed } from './dom.js';
import { count, cut, foreign, full, med, umed, visible } from './words.js';

// showNode keeps figures apart, so that a new block leaves alone what somebody
// is about to copy.
export function showNode(el, st) {
  if (!el.firstChild) el.append(h('ul', { class: 'health', 'aria-label': 'Health' }), h('dl', { class: 'figures' }), h('div', null));
  const [health, figures, more] = el.children;
  keyed(health, (st.health ?? []).map(({ part, ok, message }) => ({ part, ok: ok === true, message: ok ? '' : message })), (p) => p.part, (p) =>
    h('li', { 'data-mark': p.ok ? 'good' : 'bad' }, h('b', null, visible(p.part)), h('span', null, p.ok ? 'ok' : visible(p.message) || 'not ok')));
  keyed(figures, figuresOf(st), (f) => f.name, (f) =>
    h('div', { class: 'figure' }, h('dt', null, f.name), h('dd', null, f.value, f.note && h('small', null, f.note))));
  const { account, peerId, listen, home } = st;
  keyed(more, [{ account, peerId, listen, home }], () => 'more', addresses);
}

function figuresOf(st) {
  const known = Number(st.chainHeight ?? 0) > 0;
  const behind = Number(st.chainHeight ?? 0) - Number(st.height ?? 0) > 3;
  return [
    { name: 'Balance', value: known ? med(st.balance) : '–', note: umed(st.withdrawable) > 0n ? `and ${med(st.withdrawable)} to withdraw` : '' },
    { name: 'Block', value: known ? count(st.chainHeight) : '–', note: behind ? `handled up to ${count(st.height)}` : visible(st.chainId) },
    { name: 'Peers', value: count(st.connectedPeers), note: 'connected' },
    { name: 'Roles', value: (st.roles ?? []).map(visible).join(', ') || 'none', note: st.version ? `pdx ${visible(st.version)}` : '' },
  ];
}

const addresses = (st) => h('details', { 'data-part': 'node' }, h('summary', null, 'Account and addresses'),
  h('dl', { class: 'facts' },
    h('dt', null, 'Account'), h('dd', null, full(st.account)),
    h('dt', null, 'Peer'), h('dd', null, full(st.peerId)),
    h('dt', null, 'Listens at'), h('dd', null, (st.listen ?? []).map((a) => h('div', null, full(a)))),
    h('dt', null, 'Home'), h('dd', null, full(st.home))));

export function showValidators(el, validators) {
  keyed(el, validators, (v) => v.address, (v) => h('article', { class: 'row' },
    h('h4', null, foreign(v.moniker, 'unnamed'), ' ', h('span', { class: 'chip', 'data-mark': v.status === 'bonded' ? 'good' : 'wait' }, visible(v.status) || 'unknown')),
    h('p', { class: 'meta' }, h('span', null, cut(v.address)), h('span', null, `bond ${med(v.bond)}`), h('span', null, `commission ${(v.commissionBp ?? 0) / 100} %`))),
  'No validator is registered. `pdx validator register` makes this node one.');
}

export function showPeers(el, peers) {
  keyed(el, peers.toSorted((a, b) => (a.peerId + a.address < b.peerId + b.address ? -1 : 1)), (p) => `${p.peerId} ${p.address}`, (p) => h('article', { class: 'row' },
    h('h4', null, p.account ? cut(p.account) : h('span', { class: 'muted' }, 'proved no account')),
    h('p', { class: 'meta' }, h('span', null, cut(p.peerId)), h('span', null, visible(p.transport)), h('span', null, p.relayed ? 'relayed' : p.inbound ? 'inbound' : 'outbound'),
      p.rttUs && h('span', null, `${(Number(p.rttUs) / 1000).toFixed(1)} ms`))),
  'No peer is connected.');
}
