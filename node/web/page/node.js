// How this node is: figures and health with what to do, its addresses and peers.
import { act, call, dropToken } from './api.js';
import { h, keyed } from './dom.js';
import { button, problem } from './forms.js';
import { may, state } from './state.js';
import { count, t } from './texts.js';
import { at, cut, full, med, raw, umed, visible } from './words.js';

let parts = null;
let peers = [];

export const node = {
  title: () => t('node.title'),
  open(el) {
    parts = { node: h('section', { id: 'node', 'aria-label': t('node.title') }), peers: h('div', { class: 'stack', id: 'peers' }), found: h('div', { class: 'stack' }), session: h('div') };
    el.append(parts.node,
      h('section', { class: 'card' }, h('h3', null, t('doctor.title')), may('admin') ? [h('p', { class: 'hint' }, t('doctor.lead')), h('div', { class: 'actions' }, button(t('doctor.ask'), examine)), parts.found] : h('p', { class: 'muted' }, t('doctor.locked'))),
      h('section', { class: 'card' }, h('h3', null, t('session.title')), parts.session),
      h('section', { 'aria-labelledby': 'peers-title' }, h('h3', { id: 'peers-title' }, t('network.peers')), parts.peers));
  },
  async ask() { peers = (await call('Peers')).peers ?? []; },
  draw() {
    showNode(parts.node, state.status);
    showPeers(parts.peers, peers);
    keyed(parts.session, [state.session], () => 'session', session);
  },
};

const scopeName = (scope) => t('session.scope.' + scope);

const session = (x) => h('div', { class: 'stack' },
  h('ul', { class: 'plain' }, x.scopes.map((scope) => h('li', null, scopeName(scope)))),
  x.until && h('p', { class: 'hint' }, t('session.until'), ' ', at(x.until)),
  h('div', { class: 'actions' }, button(t('session.end'), () => { dropToken(); location.reload(); })));

async function examine() {
  try {
    const found = await act('doctor');
    parts.found.replaceChildren(h('ul', { class: 'health' }, found.map((p) => h('li', { 'data-mark': p.ok ? 'good' : 'bad' }, h('b', null, raw(p.part)), h('span', null, raw(p.message))))));
  } catch (err) { parts.found.replaceChildren(problem(err)); }
}

// showNode keeps figures apart, so that a new block leaves alone what somebody
// is about to copy.
function showNode(el, st) {
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

function showPeers(el, peers) {
  keyed(el, peers.toSorted((a, b) => (a.peerId + a.address < b.peerId + b.address ? -1 : 1)), (p) => `${p.peerId} ${p.address}`, (p) => h('article', { class: 'row' },
    h('h4', null, p.account ? cut(p.account) : h('span', { class: 'muted' }, t('network.no_account'))),
    h('p', { class: 'meta' }, h('span', null, cut(p.peerId)), raw(p.transport), h('span', null, p.relayed ? t('network.relayed') : p.inbound ? t('network.inbound') : t('network.outbound')),
      p.rttUs && h('span', null, `${(Number(p.rttUs) / 1000).toFixed(1)} ms`))),
  t('network.no_peers'));
}
