// How this node is: figures and health, its validators and peers.
import { h, keyed } from './dom.js';
import { count, stateName, t } from './texts.js';
import { cut, foreign, full, med, raw, umed, visible } from './words.js';

// showNode keeps figures apart, so that a new block leaves alone what somebody
// is about to copy.
export function showNode(el, st) {
  if (!el.firstChild) el.append(h('ul', { class: 'health', 'aria-label': t('node.health') }), h('dl', { class: 'figures' }), h('div', null));
  const [health, figures, more] = el.children;
  keyed(health, (st.health ?? []).map(({ part, ok, message }) => ({ part, ok: ok === true, message: ok ? '' : message })), (p) => p.part, (p) =>
    h('li', { 'data-mark': p.ok ? 'good' : 'bad' }, h('b', null, raw(p.part)), h('span', null, p.ok ? t('node.ok') : p.message ? raw(p.message) : t('node.not_ok'))));
  keyed(figures, figuresOf(st), (f) => f.name, (f) =>
    h('div', { class: 'figure' }, h('dt', null, f.name), h('dd', null, f.value, f.note && h('small', null, f.note), f.word && h('small', null, raw(f.word)))));
  const { account, peerId, listen, home } = st;
  keyed(more, [{ account, peerId, listen, home }], () => 'more', addresses);
}

function figuresOf(st) {
  const known = Number(st.chainHeight ?? 0) > 0;
  const behind = Number(st.chainHeight ?? 0) - Number(st.height ?? 0) > 3;
  return [
    { name: t('node.balance'), value: known ? med(st.balance) : '–', note: umed(st.withdrawable) > 0n ? t('node.withdrawable', { amount: med(st.withdrawable) }) : '' },
    { name: t('node.block'), value: known ? count(st.chainHeight) : '–', note: behind ? t('node.handled', { height: count(st.height) }) : '', word: behind ? '' : st.chainId },
    { name: t('node.peers'), value: count(st.connectedPeers), note: t('node.connected') },
    { name: t('node.roles'), value: (st.roles ?? []).map(visible).join(', ') || t('none'), note: st.version ? t('node.version', { version: visible(st.version) }) : '' },
  ];
}

const addresses = (st) => h('details', { 'data-part': 'node' }, h('summary', null, t('node.more')),
  h('dl', { class: 'facts' },
    h('dt', null, t('node.account')), h('dd', null, full(st.account)),
    h('dt', null, t('node.peer')), h('dd', null, full(st.peerId)),
    h('dt', null, t('node.listen')), h('dd', null, (st.listen ?? []).map((a) => h('div', null, full(a)))),
    h('dt', null, t('node.home')), h('dd', null, full(st.home))));

// left is what is not staked of a bond.
const left = (v) => ({ amount: String(umed(v.bond) > umed(v.staked) ? umed(v.bond) - umed(v.staked) : 0n) });

export function showValidators(el, validators) {
  keyed(el, validators, (v) => v.address, (v) => h('article', { class: 'row' },
    h('h4', null, foreign(v.moniker, t('unnamed')), ' ', h('span', { class: 'chip', 'data-mark': v.status === 'bonded' ? 'good' : 'wait' }, stateName(v.status) ?? (v.status ? raw(v.status) : t('unknown')))),
    h('p', { class: 'meta' }, h('span', null, cut(v.address)), h('span', null, t('network.bond', { amount: med(v.bond) })), v.staked && h('span', null, t('network.staked', { staked: med(v.staked), free: med(left(v)) })), h('span', null, t('network.commission', { percent: (v.commissionBp ?? 0) / 100 })))),
  t('network.no_validators'));
}

export function showPeers(el, peers) {
  keyed(el, peers.toSorted((a, b) => (a.peerId + a.address < b.peerId + b.address ? -1 : 1)), (p) => `${p.peerId} ${p.address}`, (p) => h('article', { class: 'row' },
    h('h4', null, p.account ? cut(p.account) : h('span', { class: 'muted' }, t('network.no_account'))),
    h('p', { class: 'meta' }, h('span', null, cut(p.peerId)), raw(p.transport), h('span', null, p.relayed ? t('network.relayed') : p.inbound ? t('network.inbound') : t('network.outbound')),
      p.rttUs && h('span', null, `${(Number(p.rttUs) / 1000).toFixed(1)} ms`))),
  t('network.no_peers'));
}
