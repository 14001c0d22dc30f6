// Open pools, all of this node's, and, for one that is unfolded, its criteria.
import { call } from './api.js';
import { h, keyed } from './dom.js';
import { count, rich, stateName, t } from './texts.js';
import { cut, foreign, full, med, raw, visible, when } from './words.js';

const most = 200; // pools shown at once
const mostFields = 100;
const documents = new Map(); // CID → {asking}, {title, …} or {trouble}

export function showPools(el, pools, account, redraw) {
  const items = pools.map((p) => ({ ...p, mine: p.buyer === account, document: documents.get(p.criteriaCid) }))
    .filter((p) => p.status === 'open' || p.mine)
    .sort((a, b) => (a.status === 'open' ? 0 : 1) - (b.status === 'open' ? 0 : 1)).slice(0, most);
  keyed(el, items, (p) => p.id, (p) => pool(p, redraw), t('pools.none'));
}

function pool(p, redraw) {
  const target = Number(p.targetCount ?? 0), delivered = Number(p.deliveredCount ?? 0);
  const reserved = Math.max(Number(p.reservedCount ?? 0), delivered);
  const fold = h('details', { 'data-part': `pool-${p.id}` }, h('summary', null, t('pools.more')), criteria(p.document), terms(p));
  fold.addEventListener('toggle', () => fold.open && ask(p, redraw));
  return h('article', { class: 'card', id: `pool-${p.id}` },
    h('h3', null, foreign(p.title, t('untitled'))),
    h('p', { class: 'meta' }, h('span', null, t('pools.number', { pool: p.id })), p.mine && h('span', { class: 'chip', 'data-mark': 'mine' }, t('pools.yours')), p.status !== 'open' && h('span', { class: 'chip', 'data-mark': 'wait' }, stateName(p.status) ?? raw(p.status)), raw(p.mediaType), p.status === 'open' && h('span', null, rich('pools.ends', { when: when(p.expiry) }))),
    h('p', { class: 'price' }, med(p.price), ' ', h('small', null, t('pools.each'))),
    h('div', { class: 'filled' },
      h('progress', { max: target || 1, value: reserved, 'aria-label': t('pools.taken', { reserved, n: target }) }),
      h('p', null, rich('pools.delivered', { part: h('b', null, t('pools.part', { delivered: count(delivered), target: count(target) })) }), reserved > delivered && t('pools.in_progress', { count: count(reserved - delivered) }))),
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
    if (!pool.criteria) return { trouble: t('pools.away') };
    const doc = JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(pool.criteria), (c) => c.charCodeAt(0))));
    const fields = (Array.isArray(doc.fields) ? doc.fields : []).map((f) => ({ pointer: visible(f?.pointer), required: f?.required === true, purpose: visible(f?.purpose) }));
    return { title: visible(doc.title), description: visible(doc.description), fields: fields.slice(0, mostFields), more: Math.max(0, fields.length - mostFields) };
  } catch (err) {
    return { trouble: t('pools.unreadable', { cause: err.message }) };
  }
}

function criteria(doc) {
  if (!doc || doc.asking) return h('p', { class: 'muted' }, t('pools.asking'));
  if (doc.trouble) return h('p', { class: 'muted' }, visible(doc.trouble));
  return h('div', { class: 'criteria' },
    h('h4', null, foreign(doc.title, t('untitled'))),
    doc.description && h('p', null, foreign(doc.description)),
    h('ul', { class: 'fields' }, doc.fields.map((f) => h('li', null,
      h('code', null, f.pointer || t('pools.whole_record')), ' ', f.required && h('span', { class: 'chip', 'data-mark': 'wait' }, t('pools.required')), ' ', foreign(f.purpose)))),
    doc.more > 0 && h('p', { class: 'muted' }, t('pools.more_fields', { n: doc.more })));
}

// duplicates says whether a pool takes data that it bought before.
function duplicates(p) {
  if (!p.refusesDuplicates) return t('pools.duplicates_allowed');
  return p.maxOverlapPpm > 0 ? t('pools.duplicates_bounded', { percent: p.maxOverlapPpm / 10000 }) : t('pools.duplicates_refused');
}

const terms = (p) => h('dl', { class: 'facts' },
  h('dt', null, t('pools.buyer')), h('dd', null, full(p.buyer)),
  h('dt', null, t('pools.criteria')), h('dd', null, full(p.criteriaCid)),
  h('dt', null, t('pools.escrow')), h('dd', null, med(p.escrow)),
  h('dt', null, t('pools.certificates')), h('dd', null, t('pools.k_of', { k: p.requiredCertificates ?? 0, validators: t('count.validators', { n: (p.validators ?? []).length }) }), p.drawCount > 0 && h('div', null, t('pools.drawn', { n: p.drawCount })), (p.validators ?? []).map((v) => h('div', null, cut(v)))),
  h('dt', null, t('pools.acknowledged')), h('dd', null, p.ackMode === 'quorum' ? t('pools.quorum') : t('pools.buyer_alone')),
  h('dt', null, t('pools.reward')), h('dd', null, med(p.verdictReward)),
  h('dt', null, t('pools.duplicates')), h('dd', null, duplicates(p)),
  (p.terms ?? []).map((term) => [h('dt', null, term.required ? t('pools.term_required') : t('pools.term')), h('dd', null, foreign(term.title), term.description && h('div', null, foreign(term.description)))]));
