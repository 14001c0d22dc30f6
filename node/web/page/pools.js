// Open pools, all of this node's, and, for one that is unfolded, its criteria.
import { call } from './api.js';
import { h, keyed } from './dom.js';
import { count, cut, foreign, full, med, plural, visible, when } from './words.js';

const most = 200; // pools shown at once
const mostFields = 100;
const documents = new Map(); // CID → {asking}, {title, …} or {trouble}

export function showPools(el, pools, account, redraw) {
  const items = pools.map((p) => ({ ...p, mine: p.buyer === account, document: documents.get(p.criteriaCid) }))
    .filter((p) => p.status === 'open' || p.mine)
    .sort((a, b) => (a.status === 'open' ? 0 : 1) - (b.status === 'open' ? 0 : 1)).slice(0, most);
  keyed(el, items, (p) => p.id, (p) => pool(p, redraw), 'No pool is open. `pdx pool create` opens one.');
}

function pool(p, redraw) {
  const target = Number(p.targetCount ?? 0), delivered = Number(p.deliveredCount ?? 0);
  const reserved = Math.max(Number(p.reservedCount ?? 0), delivered);
  const fold = h('details', { 'data-part': `pool-${p.id}` }, h('summary', null, 'Criteria and terms'), criteria(p.document), terms(p));
  fold.addEventListener('toggle', () => fold.open && ask(p, redraw));
  return h('article', { class: 'card', id: `pool-${p.id}` },
    h('h3', null, foreign(p.title, 'untitled')),
    h('p', { class: 'meta' }, h('span', null, `Pool ${p.id}`), p.mine && h('span', { class: 'chip', 'data-mark': 'mine' }, 'yours'), p.status !== 'open' && h('span', { class: 'chip', 'data-mark': 'wait' }, visible(p.status)), h('span', null, visible(p.mediaType)), p.status === 'open' && h('span', null, 'ends ', when(p.expiry))),
    h('p', { class: 'price' }, med(p.price), h('small', null, ' for each dataset')),
    h('div', { class: 'filled' },
      h('progress', { max: target || 1, value: reserved, 'aria-label': `${reserved} of ${target} datasets taken` }),
      h('p', null, h('b', null, `${count(delivered)} of ${count(target)}`), ' delivered', reserved > delivered && `, ${count(reserved - delivered)} under way`)),
    fold);
}

// ask fetches the criteria once; a buyer that is away may be asked again by
// folding and unfolding.
async function ask(p, redraw) {
  const known = documents.get(p.criteriaCid);
  if (known && !known.trouble) return;
  documents.set(p.criteriaCid, { asking: true });
  redraw();
  documents.set(p.criteriaCid, await read(p.id));
  redraw();
}

async function read(id) {
  try {
    const { pool } = await call('GetPool', { id });
    if (!pool.criteria) return { trouble: 'The criteria are with the buyer, whose machine is not reachable now.' };
    const doc = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(pool.criteria), (c) => c.charCodeAt(0))));
    const fields = (Array.isArray(doc.fields) ? doc.fields : []).map((f) => ({ pointer: visible(f?.pointer), required: f?.required === true, purpose: visible(f?.purpose) }));
    return { title: visible(doc.title), description: visible(doc.description), fields: fields.slice(0, mostFields), more: Math.max(0, fields.length - mostFields) };
  } catch (err) {
    return { trouble: `The criteria cannot be shown: ${err.message}` };
  }
}

function criteria(doc) {
  if (!doc || doc.asking) return h('p', { class: 'muted' }, 'Asking for the criteria …');
  if (doc.trouble) return h('p', { class: 'muted' }, visible(doc.trouble));
  return h('div', { class: 'criteria' },
    h('h4', null, foreign(doc.title, 'untitled')),
    doc.description && h('p', null, foreign(doc.description)),
    h('ul', { class: 'fields' }, doc.fields.map((f) => h('li', null,
      h('code', null, f.pointer || 'the whole record'), ' ', f.required && h('span', { class: 'chip', 'data-mark': 'wait' }, 'required'), ' ', foreign(f.purpose)))),
    doc.more > 0 && h('p', { class: 'muted' }, `and ${plural(doc.more, 'field')} more`));
}

const terms = (p) => h('dl', { class: 'facts' },
  h('dt', null, 'Buyer'), h('dd', null, full(p.buyer)),
  h('dt', null, 'Criteria'), h('dd', null, full(p.criteriaCid)),
  h('dt', null, 'In escrow'), h('dd', null, med(p.escrow)),
  h('dt', null, 'Certificates'), h('dd', null, `${p.requiredCertificates ?? 0} of ${plural((p.validators ?? []).length, 'validator')}`, p.drawCount > 0 && h('div', null, `${count(p.drawCount)} are drawn by lot for each dataset`), (p.validators ?? []).map((v) => h('div', null, cut(v)))),
  h('dt', null, 'Acknowledged'), h('dd', null, p.ackMode === 'quorum' ? 'by the buyer, or in its stead by the validators that promise to serve it' : 'by the buyer alone'),
  (p.terms ?? []).map((t) => [h('dt', null, t.required ? 'Term, required' : 'Term'), h('dd', null, foreign(t.title), t.description && h('div', null, foreign(t.description)))]));
